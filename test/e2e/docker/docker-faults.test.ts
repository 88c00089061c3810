import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import type Docker from 'dockerode';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { parseSettings, type Settings } from '../../../contracts/settings.ts';
import { createContainersPort } from '../../../exporter/adapters/docker/index.ts';
import { projectNameOf } from '../../../exporter/adapters/docker/project.ts';
import { serviceUser } from '../../../exporter/adapters/docker/service-user.ts';
import { occupiedNames } from '../../../exporter/adapters/docker/occupied-names.ts';
import { createFilesPort } from '../../../exporter/adapters/files/files.ts';
import { createHttpPort } from '../../../exporter/adapters/http/http.ts';
import { createSecretsPort } from '../../../exporter/adapters/secrets/secrets.ts';
import type { SharedFacts } from '../../../exporter/core/facts.ts';
import type { Ports } from '../../../exporter/core/ports.ts';
import type { Operation } from '../../../exporter/core/step.ts';
import { checkHealth, type CheckHealth } from '../../../exporter/steps/health/operations/check-health.ts';
import { buildImages, type BuildImages } from '../../../exporter/steps/frontend/operations/build-images.ts';
import { composeEntryOf } from '../../../exporter/generate/infrastructure/compose-entry.ts';
import {
  addComposeEntry,
  type ComposeEntry,
} from '../../../exporter/generate/infrastructure/compose-text.ts';
import { gatewayFilesOf } from '../../../exporter/generate/infrastructure/gateway-conf.ts';
import { startContainers } from '../../../exporter/steps/infrastructure/operations/start-containers.ts';
import { startDatabaseContainer } from '../../../exporter/steps/database/operations/start-database-container.ts';
import { updateCompose } from '../../../exporter/steps/infrastructure/operations/update-compose.ts';
import { writeGatewayConf } from '../../../exporter/steps/infrastructure/operations/write-gateway-conf.ts';
import { dockerEngine } from '../../support/docker-engine.ts';
import { baseImages, type BaseImages } from '../../support/docker-images.ts';
import { enginePicture, type EnginePicture } from '../../support/docker-picture.ts';
import { freePort } from '../../support/lab.ts';
import { openGatewayLab, type GatewayLab } from '../../support/nginx-gateway.ts';
import { infrastructureInput } from '../../exporter/steps/infrastructure/facts.ts';

/** A server that is healthy unless its variable disables it. */
const SERVER = `
const http = require('node:http');
console.log('the first word');
http.createServer((request, response) => {
  response.statusCode = HEALTHY ? 200 : 500;
  response.end('{"status":"healthy"}');
}).listen(process.env.PORT, '0.0.0.0');
process.on('SIGTERM', process.exit);
`;

/** The fault to inject. Omitted parts work normally. */
interface Fault {
  readonly images?: Partial<Settings['images']>;
  readonly server?: string;
  readonly webDockerfile?: string;
  readonly entry?: (entry: ComposeEntry) => ComposeEntry;
  readonly route?: string;
  /** Published port of the database. */
  readonly databasePort?: number;
}

/**
 * Runs the operations of the docker runtime in order, on the real engine and the real nginx, with one fault. Then undoes
 * all of them, as a rollback does, and compares the state of engine, gateway and compose file with the state before.
 */
describe('faults of the docker runtime', function () {
  this.timeout(600_000);
  let engine: Docker;
  let images: BaseImages;
  let gateway: GatewayLab;
  let root: string;
  let untouched: { engine: EnginePicture; gateway: string; compose: string };

  before(async () => {
    engine = await dockerEngine();
    images = await baseImages(engine);
    gateway = await openGatewayLab(await freePort());
    await gateway.start();
    root = gateway.root;
    await cp(COMPOSE_FILE, path.join(root, COMPOSE_FILE));
    untouched = await picture();
  });
  after(async () => {
    await gateway.close();
  });

  async function picture(): Promise<typeof untouched> {
    return {
      engine: await enginePicture(engine),
      gateway: await gateway.picture(),
      compose: await readFile(path.join(root, COMPOSE_FILE), 'utf8'),
    };
  }

  interface Attempt {
    readonly work: readonly (readonly [Operation, unknown])[];
    readonly ports: Ports;
  }

  async function attempt(fault: Fault): Promise<Attempt> {
    const settings = {
      ...parseSettings({ ...images }),
      images: { ...parseSettings({ ...images }).images, ...fault.images },
    };
    const secrets = createSecretsPort(path.join(root, '.platform/secrets'));
    const ports = {
      ...gateway.ports,
      settings,
      signal: new AbortController().signal,
      files: createFilesPort(root, path.join(root, '.platform')),
      http: createHttpPort(new AbortController().signal),
      secrets,
      containers: createContainersPort({ root, settings }),
      remember: () => undefined,
    } as Ports;
    for (const secret of ['mini_app', 'mini_migrator']) await secrets.ensure(secret);
    await writeApps(fault);
    const input = infrastructureInput(
      { id: 'mini' },
      {
        databasePort: fault.databasePort ?? (await freePort()),
        composeText: untouched.compose,
        composeProject: projectNameOf(root),
        containers: { user: serviceUser(), digests: {}, startInterval: false },
      },
    );
    const facts = {
      ...input,
      settings,
      runtime: 'docker',
      servicePort: await freePort(),
    } as SharedFacts;
    const entry = (fault.entry ?? ((same) => same))(composeEntryOf(facts));
    const text = addComposeEntry(untouched.compose, 'mini', entry);
    const server = startDatabaseContainer.plan(facts)[0]!;
    const files = { ...gatewayFilesOf(facts) };
    if (fault.route !== undefined) files['gateway/conf.d/mini.conf'] = fault.route;
    const none = Object.fromEntries(Object.keys(files).map((file) => [file, null]));
    const health: CheckHealth = {
      step: 'health',
      kind: 'check-health',
      target: `http://127.0.0.1:${facts.servicePort}/health`,
      before: null,
      after: {
        gate: 'service-health',
        name: 'API responding',
        status: 200,
        contains: '"status":"quite healthy"',
        timeoutMs: 600,
        logFile: '',
        runtime: 'docker',
        container: 'mini-api',
      },
    };
    return {
      ports,
      work: [
        [
          startDatabaseContainer,
          { ...server, after: { ...server.after, planned: { ...server.after.planned, text, entry } } },
        ],
        [updateCompose, { before: { text: untouched.compose }, after: { toolId: 'mini', text, entry } }],
        [buildImages, buildImages.plan(facts)[0]],
        [startContainers, startContainers.plan(facts)[0]],
        [writeGatewayConf, { before: { files: none }, after: { files } }],
        [checkHealth, health],
      ],
    };
  }

  async function contextOf(dockerfile: string): Promise<Docker.ImageBuildContext> {
    const context = path.join(root, '.platform/tmp/context');
    await mkdir(context, { recursive: true });
    await writeFile(path.join(context, 'Dockerfile'), dockerfile);
    return { context, src: ['Dockerfile'] };
  }

  async function writeApps({
    server = SERVER.replace('HEALTHY', 'true'),
    webDockerfile,
  }: Fault): Promise<void> {
    const dockerfile = (from: string, rest: string): string =>
      `ARG NODE_IMAGE\nARG NGINX_IMAGE\nFROM \${${from}}\n${rest}`;
    for (const [app, file, text] of [
      [
        'mini-api',
        'Dockerfile',
        dockerfile('NODE_IMAGE', 'COPY server.js /server.js\nCMD ["node", "/server.js"]\n'),
      ],
      ['mini-api', 'server.js', server],
      [
        'mini-web',
        'Dockerfile',
        webDockerfile ??
          dockerfile(
            'NODE_IMAGE',
            `CMD ["node", "-e", "process.on('SIGTERM', process.exit); setInterval(String, 1000)"]\n`,
          ),
      ],
    ] as const) {
      await mkdir(path.join(root, 'apps', app), { recursive: true });
      await writeFile(path.join(root, 'apps', app, file), text);
    }
  }

  /** Runs until an operation fails, undoes everything twice, and returns the failure and the operation's kind. */
  async function failAndUndo(fault: Fault): Promise<{ at: string; message: string }> {
    const { work, ports } = await attempt(fault);
    let failure = { at: '', message: '' };
    for (const [operation, change] of work) {
      try {
        await operation.run(change as never, ports);
      } catch (error) {
        failure = { at: operation.kind, message: (error as Error).message };
        break;
      }
    }
    const back = [writeGatewayConf, updateCompose, startContainers, buildImages, startDatabaseContainer];
    for (const operation of [...back, ...back]) {
      const [, change] = work.find(([of]) => of === operation) ?? [];
      await (operation as Operation).undo(change as never, ports);
    }
    await rm(path.join(root, 'apps'), { recursive: true });
    for (const secret of ['mini_app', 'mini_migrator']) await ports.secrets.remove(secret);
    expect(await picture()).to.deep.equal(untouched);
    return failure;
  }

  const service = (name: string, line: string) => (entry: ComposeEntry) => ({
    ...entry,
    services: entry.services.replace(`${name}:\n`, `${name}:\n  ${line}\n`),
  });

  it('undoes every operation when compose rejects its file', async () => {
    const { at, message } = await failAndUndo({ entry: service('mini-db', 'no_such_key: 1') });
    expect(at).to.equal('start-database-container');
    expect(message).to.match(/config --quiet failed:\n[^]*no_such_key/);
  });

  it('undoes every operation when the port of a container is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { at, message } = await failAndUndo({ databasePort: port });
    server.close();
    expect(at).to.equal('start-database-container');
    expect(message)
      .to.contain(`${port}`)
      .and.match(/up .* failed:[^]*(in use|already allocated)/);
  });

  it('undoes every operation when the database exits at once', async () => {
    const { at, message } = await failAndUndo({
      entry: (entry) => ({
        ...entry,
        services: entry.services.replace('wal_level=logical', 'wal_level=loud'),
      }),
    });
    expect(at).to.equal('start-database-container');
    expect(message).to.match(/^Container mini-db ended with exit code \d+\. Its last lines:/);
  });

  it('undoes every operation when the second image cannot be built', async () => {
    const { at, message } = await failAndUndo({
      webDockerfile:
        'ARG NODE_IMAGE\nFROM ${NODE_IMAGE}\nRUN echo half > /done\nRUN echo the compiler complains; exit 7\n',
    });
    expect(at).to.equal('build-images');
    expect(message)
      .to.match(/^Image mini-web:1\.0\.0-c0ffee0 was not built: .*\b7\b/)
      .and.contain('the compiler complains');
  });

  it('removes the container in which a build was interrupted, and leaves no image without a name', async () => {
    const stage = 'ARG NODE_IMAGE\nFROM ${NODE_IMAGE} AS first\nRUN echo 1 > /one\n';
    const { work, ports } = await attempt({
      webDockerfile: `${stage}FROM \${NODE_IMAGE}\nCOPY --from=first /one /two\nCMD ["node"]\n`,
    });
    const change = work.find(([operation]) => operation === buildImages)?.[1] as BuildImages;
    await buildImages.run(change, ports);
    const unnamed = await engine.listImages({ filters: { dangling: ['true'] } });
    expect(unnamed.filter(({ Labels }) => Labels['generator-platform.tool'] === 'mini')).to.deep.equal([]);
    // An engine that is stopped keeps the container of the instruction that it was running
    await engine.createContainer({ Image: 'mini-web:1.0.0-c0ffee0', Cmd: ['sleep', '60'] });
    await buildImages.undo(change, ports);
    await rm(path.join(root, 'apps'), { recursive: true });
    for (const secret of ['mini_app', 'mini_migrator']) await ports.secrets.remove(secret);
    expect(await picture()).to.deep.equal(untouched);
  });

  it('undoes every operation when the service exits at once', async () => {
    const { at, message } = await failAndUndo({ server: "console.error('no such table'); process.exit(3);" });
    expect(at).to.equal('start-containers');
    expect(message).to.contain('Container mini-api ended with exit code 3. Its last lines:\nno such table');
  });

  it('undoes every operation when the service is unhealthy', async () => {
    const { at, message } = await failAndUndo({
      server: SERVER.replace('HEALTHY', 'false'),
      entry: (entry) => ({
        ...entry,
        services: entry.services.replace(
          /(mini-api:[^]*?)interval: 15s([^]*?)retries: 3([^]*?)start_period: 60s/,
          '$1interval: 200ms$2retries: 2$3start_period: 0s',
        ),
      }),
    });
    expect(at).to.equal('start-containers');
    expect(message).to.match(/^Container mini-api is unhealthy\. Its last lines:\nthe first word/);
  });

  it('keeps the resources of another clone that has exported the same tool on the same engine', async () => {
    const labels = { 'generator-platform.tool': 'mini', 'com.docker.compose.project': 'another' };
    const Image = images.PLATFORM_NODE_IMAGE;
    const container = await engine.createContainer({ name: 'mini-other', Image, Labels: labels });
    await engine.createVolume({ Name: 'another_mini_data', Labels: labels });
    const built = await engine.buildImage(
      await contextOf(
        `FROM ${Image}\nLABEL generator-platform.tool="mini" generator-platform.project="another"\n`,
      ),
      { t: 'mini-other:1' },
    );
    await new Promise((resolve, reject) =>
      engine.modem.followProgress(built, (error, done) => (error ? reject(error) : resolve(done))),
    );
    const before = untouched;
    untouched = await picture();
    expect(untouched.engine).to.not.deep.equal(before.engine);
    await failAndUndo({ server: 'process.exit(3)' });
    await container.remove();
    await engine.getVolume('another_mini_data').remove();
    await engine.getImage('mini-other:1').remove();
    untouched = before;
    expect(await picture()).to.deep.equal(before);
  });

  it('refuses services and container names already in use, and keeps their containers', async () => {
    const container = await engine.createContainer({
      name: 'here-mini-web-1',
      Image: images.PLATFORM_NODE_IMAGE,
      Labels: {
        'com.docker.compose.project': 'another',
        'com.docker.compose.project.working_dir': '/home/ann/shop',
      },
    });
    const own = await engine.createContainer({
      name: 'mini-renamed',
      Image: images.PLATFORM_NODE_IMAGE,
      Labels: { 'com.docker.compose.project': 'here', 'com.docker.compose.service': 'mini-api' },
    });
    const volume = { 'generator-platform.tool': 'mini', 'com.docker.compose.project': 'here' };
    await engine.createVolume({ Name: 'here_mini_db_data', Labels: volume });
    const ask = () =>
      occupiedNames(engine, {
        toolId: 'mini',
        project: 'here',
        services: ['mini-db', 'mini-api', 'mini-web'],
      });
    const found = await ask();
    expect(found.map(({ object }) => object)).to.have.members([
      'here-mini-web-1',
      'mini-renamed',
      'here_mini_db_data',
    ]);
    expect(found.map(({ severity }) => severity)).to.deep.equal(['error', 'error', 'error']);
    const foreign = found.find(({ object }) => object === 'here-mini-web-1');
    expect(foreign?.message).to.contain('of the compose project another (/home/ann/shop)');
    await container.remove();
    await own.remove();
    await engine.getVolume('here_mini_db_data').remove();
    expect(await ask()).to.deep.equal([]);
  });

  it('undoes every operation when nginx rejects the route', async () => {
    const { at, message } = await failAndUndo({ route: 'location /api/mini/ { proxy_passs x; }\n' });
    expect(at).to.equal('write-gateway-conf');
    expect(message).to.contain('unknown directive "proxy_passs" in gateway/conf.d/mini.conf:1');
  });

  it('undoes every operation when the health check gets an unexpected answer', async () => {
    const { at, message } = await failAndUndo({});
    expect(at).to.equal('check-health');
    expect(message)
      .to.contain('API responding: GET http://127.0.0.1:')
      .and.match(/Container mini-api is running \((healthy|starting)\)\. Its last lines:\nthe first word/);
  });
});
