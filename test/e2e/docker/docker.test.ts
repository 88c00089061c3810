import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { DEFAULT_IMAGES } from '../../../contracts/settings.ts';
import { gatewayPicture, openDockerLab, quietPort, type DockerLab } from '../../support/docker-lab.ts';
import { enginePicture, type EnginePicture } from '../../support/docker-picture.ts';
import type { CliResult } from '../../support/lab.ts';
import { audit } from '../../support/load/ledger.ts';
import { brokenPromises, type PhaseRule } from '../../support/load/promises.ts';
import { readStored } from '../../support/load/read-stored.ts';
import { Traffic } from '../../support/load/traffic.ts';

const TOOL = 'inventory-tracker';
const MB = 1_000_000;
const PER_SECOND = 200;
/** SKUs of the items that the load writes begin with it. */
const LOAD_PREFIX = 'LOAD';
/** Value of a secret variable that the tool declares. */
const CANARY = 'canary-7c1f0d5b2a';

interface Picture {
  readonly engine: EnginePicture;
  readonly compose: string;
  readonly gateway: string;
  readonly git: string;
}

/**
 * One export for all tests: into two instances, in production mode, at 200 requests per second through the gateway. The
 * load pauses while tests inspect the result, and continues while an instance dies and during the rollback.
 */
describe('export into containers, under load', function () {
  this.timeout(900_000);
  let lab: DockerLab;
  let load: Traffic;
  let token: string;
  let pictureBefore: Picture;
  let exported: CliResult;
  /** Ports of a second compose project on the same engine, and a tag of its own. */
  let clonePorts: readonly string[];

  before(async () => {
    lab = await openDockerLab({
      compose: 2,
      // Containers cannot reach a platform that listens on loopback only
      env: {
        PLATFORM_MODE: 'production',
        PLATFORM_HOST: '0.0.0.0',
        INVENTORY_KEY: CANARY,
        LOG_LEVEL: 'info',
      },
    });
    await insertSampleRows(); // a platform in production mode inserts none
    await declareSecretVariable();
    await writeFile(path.join(lab.root, '.env'), '# variables of compose on this machine\n');
    const scopes = '--scope=inventory:read,inventory:write,exports:run,tools:write';
    token = (await lab.run('node', 'monolith/server/bin/token.ts', scopes)).stdout.trim();
    load = await openLoad();
    pictureBefore = await picture();
    load.start('export');
    exported = await lab.gulp('export', `--tool-id=${TOOL}`, '--replicas=2', '--cutover=fenced');
    load.phase = 'exported';
    await delay(500);
    await load.stop();
  });
  after(async () => {
    await load.stop();
    load.close();
    await lab.gulp('rollback', `--tool-id=${TOOL}`, '--discard-writes');
    await lab.close();
  });

  const textOf = (file: string): Promise<string> => readFile(path.join(lab.root, file), 'utf8');
  const secret = async (name: string): Promise<string> => (await textOf(`.platform/secrets/${name}`)).trim();
  const inspect = async (service: string) => (await lab.container(service)).inspect();
  const get = (url: string, bearer: string | null = token): Promise<Response> =>
    fetch(url, { headers: bearer === null ? {} : { Authorization: `Bearer ${bearer}` } });
  const viaGateway = (rest: string): string => `${lab.gatewayUrl}/api/${TOOL}${rest}`;
  const oldAddress = (rest: string): string => `${lab.gatewayUrl}/api/tools/${TOOL}${rest}`;

  /** Compose in a shell that has no variable of the export, in the repository or in a clone of it. */
  function composeByHand(folder: string, ...args: string[]): Promise<CliResult> {
    const unset = Object.keys(lab.env).filter((name) => /^(PLATFORM|INVENTORY|SERVICE|DATABASE)_/.test(name));
    const compose = lab.compose.version.startsWith('1.') ? ['docker-compose'] : ['docker', 'compose'];
    const shell = [`--chdir=${folder}`, ...unset.flatMap((name) => ['-u', name])];
    const variables = folder === lab.root ? [] : clonePorts;
    return lab.run('env', ...shell, ...variables, ...compose, '-f', 'docker-compose.poc.yml', ...args);
  }

  /** Compose by hand makes the volumes of the platform as well, which runs without containers here. */
  async function removePlatformVolumes(): Promise<void> {
    for (const { Name } of (await lab.engine.listVolumes()).Volumes)
      if (Name.includes('_platform_') && !pictureBefore.engine.volumes.includes(Name))
        await lab.engine.getVolume(Name).remove();
  }

  /** The repository with its export committed, as another machine would check it out, and the secrets. */
  async function cloneWithSecrets(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'fresh-clone-'));
    const made = await lab.run(
      'sh',
      '-ec',
      `export GIT_INDEX_FILE="$(mktemp -u)"; git read-tree HEAD; git add --all
       git archive "$(git write-tree)" | tar -x -C "$1"; rm "$GIT_INDEX_FILE"
       mkdir "$1/.platform"; cp -a .platform/secrets "$1/.platform/"`,
      'sh',
      folder,
    );
    expect(made.code, made.stderr).to.equal(0);
    return folder;
  }

  async function untilReady(name: string): Promise<void> {
    const { NetworkSettings } = await inspect(name);
    const [published] = Object.values(NetworkSettings.Ports).flat();
    const ready = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${published?.HostPort ?? ''}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await ready())) await delay(100);
  }

  async function picture(): Promise<Picture> {
    return {
      engine: await enginePicture(lab.engine),
      compose: await textOf('docker-compose.poc.yml'),
      gateway: await gatewayPicture(lab),
      git: (await lab.run('git', 'status', '--porcelain')).stdout,
    };
  }

  async function insertSampleRows(): Promise<void> {
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    await client.query(await textOf(`tools/${TOOL}/database/seeds/inventory-seed-data.sql`));
    await client.end();
  }

  async function declareSecretVariable(): Promise<void> {
    const file = path.join(lab.root, `tools/${TOOL}/manifest.json`);
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    manifest['env'] = [{ name: 'INVENTORY_KEY', required: true, secret: true, description: '' }];
    await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
    await lab.commit('Declare a secret variable');
  }

  /** Reads and writes at both addresses of the tool. */
  async function openLoad(): Promise<Traffic> {
    const traffic = new Traffic({
      perSecond: PER_SECOND,
      addresses: { 'old address': oldAddress(''), 'new address': viaGateway('') },
      headers: { Authorization: `Bearer ${token}` },
      prefix: LOAD_PREFIX,
    });
    await traffic.prepare();
    return traffic;
  }

  /** No request has failed but those that a rule allows. */
  function expectPromises(...rules: readonly PhaseRule[]): void {
    expect(brokenPromises(rules, load.answers), load.summary()).to.deep.equal([]);
  }

  it('chooses Docker when its requirements are met, and runs two instances, a database and a web app', () => {
    expect(exported.code, exported.stdout + exported.stderr).to.equal(0);
    for (const tick of [
      'Docker running',
      'Docker Compose updated',
      'Nginx API Gateway configured',
      'Service started',
      'Container healthy',
      'API responding',
      'Database connected',
      'Gateway routing works',
    ])
      expect(exported.stdout).to.contain(`✓ ${tick}`);
    expect(exported.stdout).to.match(/✓ Data migrated \([\d,]+ rows\)/);
  });

  it('answers every request during the export, and fenced writes with a Retry-After header', function () {
    expectPromises({ phase: 'export', fenced: true }, { phase: 'exported' });
    if (this.test !== undefined) this.test.title += ` (${Math.round(load.rate)} requests a second)`;
  });

  it('labels its containers, and all of them run', async () => {
    const filters = { label: [`generator-platform.tool=${TOOL}`] };
    const running = await lab.engine.listContainers({ filters });
    expect(
      running.map((c) => `${c.Labels['com.docker.compose.service'] ?? ''} ${c.State}`).sort(),
    ).to.deep.equal(['-api', '-api-2', '-db', '-web'].map((part) => `${TOOL}${part} running`));
  });

  it('holds the exported rows in a database of its own', async () => {
    const { NetworkSettings } = await inspect(`${TOOL}-db`);
    const client = new pg.Client({
      host: '127.0.0.1',
      port: Number(NetworkSettings.Ports['5432/tcp']?.[0]?.HostPort),
      user: 'dbuser',
      password: await secret('inventory_tracker_admin'),
      database: 'inventory_tracker_db',
    });
    await client.connect();
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM inventory_items WHERE NOT starts_with(sku, '${LOAD_PREFIX}')`,
    );
    await client.end();
    expect(rows[0]?.n).to.equal(1250);
  });

  it('verifies tokens with keys that it fetches from the platform', async () => {
    const { Config } = await inspect(`${TOOL}-api`);
    expect(Config.Env).to.include.members([
      'AUTH_MODE=required',
      `PLATFORM_JWKS_URL=http://host.docker.internal:${lab.env['PLATFORM_PORT'] ?? ''}/.well-known/jwks.json`,
    ]);
    expect((await get(viaGateway('/items?limit=1'))).status).to.equal(200);
    for (const bad of [null, 'x', `${token.slice(0, -4)}AAAA`])
      expect((await get(viaGateway('/items?limit=1'), bad)).status).to.equal(401);
  });

  it('runs the service as an unprivileged user, without capabilities, on a read-only file system', async () => {
    for (const name of [`${TOOL}-api`, `${TOOL}-api-2`]) {
      const { Config, HostConfig, State } = await inspect(name);
      expect(Config.User).to.equal('1000:1000');
      expect(HostConfig).to.include({ ReadonlyRootfs: true, PidsLimit: 200, Init: true });
      expect(HostConfig.CapDrop).to.deep.equal(['ALL']);
      expect(HostConfig.SecurityOpt).to.include('no-new-privileges:true');
      expect(State.Health?.Status, 'the engine checks it once in 15 seconds').to.be.oneOf([
        'healthy',
        'starting',
      ]);
    }
    const { code } = await lab.run(
      'docker',
      'exec',
      (await lab.container(`${TOOL}-api`)).id,
      'node',
      '-e',
      "fs.writeFileSync('/service/x', '')",
    );
    expect(code, 'a file beside the service').to.not.equal(0);
  });

  it('builds an image of at most 250 MB on the official base, or the base plus 60 MB', async () => {
    const base = await lab.engine.getImage(lab.images.PLATFORM_NODE_IMAGE).inspect();
    const image = await lab.engine.getImage((await inspect(`${TOOL}-api`)).Image).inspect();
    expect(image.Config.Labels).to.include({
      'org.opencontainers.image.base.name': lab.images.PLATFORM_NODE_IMAGE,
      'org.opencontainers.image.base.digest': base.RepoDigests[0]?.split('@')[1] ?? base.Id,
    });
    // The tracked file does not depend on the shell of the export
    expect(await textOf(`apps/${TOOL}-api/Dockerfile`)).to.contain(`ARG NODE_IMAGE=${DEFAULT_IMAGES.node}\n`);
    if (lab.images.PLATFORM_NODE_IMAGE.startsWith('node:')) expect(image.Size).to.be.below(250 * MB);
    expect(image.Size - base.Size, 'what the service adds to its base').to.be.below(60 * MB);
  });

  it('exposes no secret in the repository, an image, a log or the API', async () => {
    const filters = { label: [`generator-platform.tool=${TOOL}`] };
    const jobs = (await (await get(`${lab.platformUrl}/api/tools/export/jobs?toolId=${TOOL}`)).json()) as {
      data: readonly { id: string }[];
    };
    const seen = [
      exported.stdout + exported.stderr,
      JSON.stringify(jobs),
      await (await get(`${lab.platformUrl}/api/tools/export/jobs/${jobs.data[0]?.id ?? ''}`)).text(),
      await (await get(`${lab.platformUrl}/api/tools/${TOOL}/history`)).text(),
      (
        await lab.run(
          'grep',
          '-rahs',
          '--exclude-dir=node_modules',
          '--exclude-dir=.git',
          '',
          'apps',
          'gateway',
          'docker-compose.poc.yml',
          'tools',
        )
      ).stdout,
      ...(await Promise.all(
        (await lab.engine.listContainers({ filters })).map(async ({ Id }) => {
          const container = lab.engine.getContainer(Id);
          const { Config, Image } = await container.inspect();
          const log = await container.logs({ stdout: true, stderr: true, follow: false });
          const image = lab.engine.getImage(Image);
          const { Config: built } = await image.inspect();
          return (
            JSON.stringify([Config.Env, Config.Cmd, Config.Labels, built, await image.history()]) +
            log.toString()
          );
        }),
      )),
    ].join('\n');
    expect(seen).to.contain('POSTGRES_PASSWORD_FILE').and.contain('INVENTORY_KEY');
    const kept = await lab.run(
      'docker',
      'exec',
      (await lab.container(`${TOOL}-api`)).id,
      'cat',
      '/run/secrets/inventory_tracker_environment',
    );
    expect(JSON.parse(kept.stdout), 'the service has it').to.deep.equal({ INVENTORY_KEY: CANARY });
    const passwords = ['inventory_tracker_admin', 'inventory_tracker_app'].map(secret);
    for (const value of [CANARY, token, ...(await Promise.all(passwords))])
      expect(seen.includes(value), 'a secret in plain sight').to.equal(false);
  });

  it('keeps its settings and its data when compose is run by hand in another shell', async () => {
    const [api, db] = [await inspect(`${TOOL}-api`), await inspect(`${TOOL}-db`)];
    const { code, stderr } = await composeByHand(lab.root, 'up', '--detach', `${TOOL}-api`);
    expect(code, stderr).to.equal(0);
    const now = await inspect(`${TOOL}-api`);
    expect(now.Config.Env.toSorted()).to.deep.equal(api.Config.Env.toSorted());
    expect(now.Config.User).to.equal(api.Config.User);
    expect(now.Image).to.equal(api.Image);
    expect((await inspect(`${TOOL}-db`)).Id, 'the same database').to.equal(db.Id);
    await untilReady(`${TOOL}-api`);
    expect((await get(viaGateway('/items?limit=1'))).status).to.equal(200);
    await removePlatformVolumes();
  });

  it('labels containers with the tracked compose file, and with no temporary one', async () => {
    const filters = { label: [`generator-platform.tool=${TOOL}`] };
    const files = (await lab.engine.listContainers({ all: true, filters })).map(
      ({ Labels }) => Labels['com.docker.compose.project.config_files'],
    );
    expect(new Set(files)).to.deep.equal(new Set([path.join(lab.root, 'docker-compose.poc.yml')]));
  });

  it('gives the changed answer, with a new migration applied, after compose up --build by hand', async () => {
    const config = path.join(lab.root, `apps/${TOOL}-api/src/host/config.ts`);
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace("name: 'Inventory Tracker'", "name: 'Inventory Tracker, edited'"));
    await writeFile(
      path.join(lab.root, `apps/${TOOL}-api/database/migrations/900-describe-items.sql`),
      "COMMENT ON TABLE inventory_items IS 'described by hand';\n",
    );
    const instances = [`${TOOL}-api`, `${TOOL}-api-2`];
    const { code, stderr } = await composeByHand(lab.root, 'up', '--detach', '--build', ...instances);
    expect(code, stderr).to.equal(0);
    for (const instance of instances) await untilReady(instance);
    const [published] = Object.values((await inspect(`${TOOL}-api`)).NetworkSettings.Ports).flat();
    const answer = await fetch(`http://127.0.0.1:${published?.HostPort ?? ''}/health`);
    expect(await answer.json()).to.include({ status: 'healthy', service: 'Inventory Tracker, edited' });
    const log = await composeByHand(lab.root, 'logs', `${TOOL}-migrate`);
    expect(log.stdout).to.contain('applied 900-describe-items.sql');
    await removePlatformVolumes();
    expect((await get(viaGateway('/items?limit=1'))).status).to.equal(200);
  });

  it('shows the log lines of every instance as JSON lines, and migrates from outside of the containers', async () => {
    for (const instance of [`${TOOL}-api`, `${TOOL}-api-2`]) {
      const [published] = Object.values((await inspect(instance)).NetworkSettings.Ports).flat();
      await fetch(`http://127.0.0.1:${published?.HostPort ?? ''}/api/${TOOL}/items`, {
        headers: { 'X-Request-Id': 'asked-of-each' },
      });
    }
    const logs = await lab.gulp('logs', `--tool-id=${TOOL}`, '--silent', '--request-id=asked-of-each');
    expect(logs.code, logs.stderr).to.equal(0);
    const lines = logs.stdout.trimEnd().split('\n');
    const instances = lines.map((line) => (JSON.parse(line) as { readonly instance: string }).instance);
    expect(instances.map((name) => name.replace(/^.*tracker-/, ''))).to.deep.equal(['api-1', 'api-2-1']);
    const migrated = await lab.gulp('migrate', `--tool-id=${TOOL}`);
    expect(migrated.code, migrated.stderr).to.equal(0);
    expect(migrated.stdout).to.contain('nothing was pending');
  });

  it('starts from a fresh clone with the secrets alone, ready, on an empty server, in two instances on a range of ports', async () => {
    const folder = await cloneWithSecrets();
    const [database, api, second] = [await quietPort(), await quietPort(), await quietPort()];
    clonePorts = [
      'INVENTORY_TRACKER_TAG=clone',
      `INVENTORY_TRACKER_DB_PORT=${database}`,
      `INVENTORY_TRACKER_API_PORT=${api}-${api + 1}`,
      `INVENTORY_TRACKER_API_2_PORT=${second}`,
    ];
    try {
      const up = ['up', '--detach', '--build', '--scale', `${TOOL}-api=2`, `${TOOL}-api`];
      const { code, stderr } = await composeByHand(folder, ...up);
      expect(code, stderr).to.equal(0);
      for (const port of [api, api + 1]) {
        const at = (rest: string): string => `http://127.0.0.1:${port}${rest}`;
        while (!(await fetch(at('/readyz')).catch(() => ({ ok: false }))).ok) await delay(200);
        // The gateway exchanges the token for one of the service, which is asked directly here
        const exchanged = await get(`${lab.platformUrl}/api/session/token?tool=${TOOL}`);
        const { accessToken: own } = (await exchanged.json()) as { readonly accessToken: string };
        const items = await get(at(`/api/${TOOL}/items`), own);
        expect([items.status, ((await items.json()) as { data: unknown[] }).data]).to.deep.equal([200, []]);
      }
    } finally {
      const down = await composeByHand(folder, 'down', '--volumes', '--timeout=5');
      expect(down.code, down.stderr).to.equal(0);
      await lab.engine.getImage(`${TOOL}-api:clone`).remove();
      await rm(folder, { recursive: true });
    }
  });

  it('loses no request when an instance dies, nginx reloads, and each instance restarts in turn', async () => {
    // A POST that a killed instance may have processed, or that nginx sends to a container that starts, fails
    load.onlyRepeatable = true;
    load.start('stops');
    const second = await lab.container(`${TOOL}-api-2`);
    await second.kill(); // SIGKILL, without a graceful shutdown
    await delay(1_500);
    const master = Number(await textOf('.platform/gateway/nginx.pid'));
    process.kill(master, 'SIGHUP');
    await delay(1_000);
    await second.start();
    await untilReady(`${TOOL}-api-2`);
    const first = await lab.container(`${TOOL}-api`);
    await first.stop({ t: 20 }); // graceful: it drains
    await first.start();
    await untilReady(`${TOOL}-api`);
    await delay(500);
    await load.stop();
    expectPromises({ phase: 'stops' });
  });

  it('rolls back completely under the same load, and syncs back the rows that the service has written', async () => {
    const made = await fetch(viaGateway('/items'), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ sku: 'HOME-1', name: 'Made in a container', quantity: 3, price: '1.10' }),
    });
    expect(made.status, await made.clone().text()).to.equal(201);
    const item = (await made.json()) as { readonly id: string };
    load.onlyRepeatable = false;
    load.start('rollback');
    const refused = await lab.gulp('rollback', `--tool-id=${TOOL}`);
    expect(refused.code, refused.stdout).to.equal(3);
    expect(refused.stdout).to.contain('--bring-back');
    const { code, stdout } = await lab.gulp('rollback', `--tool-id=${TOOL}`, '--bring-back');
    load.phase = 'rolled back';
    await delay(1_000);
    await load.stop();
    expect(code, stdout).to.equal(0);
    expect(await picture()).to.deep.equal(pictureBefore);
    expectPromises({ phase: 'rollback', fenced: true }, { phase: 'rolled back' });
    const home = await get(oldAddress(`/items/${item.id}`));
    expect(home.status, 'the monolith has it').to.equal(200);
    expect(await home.json()).to.include({ sku: 'HOME-1', name: 'Made in a container', quantity: 3 });
  });

  it('has lost no acknowledged write of all that time, and stored none twice', async () => {
    const { acknowledged, lost, doubled, stored } = audit(
      load.writes,
      await readStored(await lab.databaseUrl(), LOAD_PREFIX),
    );
    expect({ lost, doubled, stored }).to.deep.equal({ lost: [], doubled: [], stored: [] });
    expect(acknowledged).to.be.greaterThan(0);
  });
});
