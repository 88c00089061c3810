import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';
import { expect } from 'chai';
import pg from 'pg';
import { build } from 'esbuild';
import { SignJWT } from 'jose';
import { serviceAudience, TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../../../contracts/tokens.ts';
import { announceSwitch } from '../../../../extraction/run/announce-switch.ts';
import { packageName } from '../../../../inspection/index.ts';
import { openKeys, type KeyStore } from '../../../../registry-api/auth/keys.ts';
import { createServiceTokens } from '../../../../registry-api/auth/service-tokens.ts';
import { issueToken } from '../../../../registry-api/auth/token.ts';
import { createDatabase } from '../../../support/postgres.ts';
import {
  emptyFolder,
  factsOf,
  linkPrograms,
  run,
  scratchRepository,
  writeTree,
  type Ran,
} from './exported-service.ts';

const TOOL = 'inventory-tracker';
/** In the order of the README. The tests of the docker runtime build the image. */
const COMMANDS = [
  'npm install',
  'cp .env.example .env',
  'npm run db:migrate',
  'npm run dev',
  'npm run build',
  'npm start',
  'npm run typecheck',
  'npm run lint',
  'npm run test:unit',
  'npm test',
];

/** The exported service in an empty folder, without the monolith, with only the packages of its lock file. */
describe('an exported service in an empty folder', function () {
  this.timeout(600_000);
  const folder = emptyFolder();
  let packageJson: { dependencies: Record<string, string> };

  before(async () => {
    const { files, findings } = await factsOf(TOOL);
    expect(findings).to.deep.equal([]);
    const repository = scratchRepository([TOOL]);
    linkPrograms(repository);
    const app = path.join(repository, `apps/${TOOL}-api`);
    writeTree(app, files);
    const program = path.join(repository, 'monolith/server/bin/record-contract.ts');
    const copy = path.join(emptyFolder(), TOOL);
    cpSync(app, copy, { recursive: true });
    passed(await run(copy, ['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund']));
    const flags = [`--tool-id=${TOOL}`, `--app=apps/${TOOL}-api`, `--copy=${copy}`];
    passed(
      await run(repository, [process.execPath, program, ...flags], { DATABASE_URL: await createDatabase() }),
    );
    cpSync(app, folder, { recursive: true });
    renameSync(path.join(copy, 'node_modules'), path.join(folder, 'node_modules'));
    for (const done of [repository, path.dirname(copy)]) rmSync(done, { recursive: true });
    packageJson = JSON.parse(files['package.json'] ?? '') as typeof packageJson;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function passed({ exitCode, output }: Ran): void {
    expect(exitCode, output.slice(-4_000)).to.equal(0);
  }

  it('documents in its README exactly the commands that this test runs', () => {
    const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
    const named = [...readme.matchAll(/`((?:npm|cp|npx|node) [^`]+)`/g)].map(([, command = '']) => command);
    expect([...new Set(named)].sort()).to.deep.equal([...COMMANDS].sort());
    const blocks = [...readme.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block = '']) => block.trim());
    expect(blocks).to.deep.equal([`docker build -t ${TOOL}-api .`]);
  });

  it('type-checks, lints, builds, and passes the unit tests', async () => {
    const scripts = ['typecheck', 'lint', 'build', 'test:unit'];
    for (const gate of await Promise.all(scripts.map((script) => run(folder, ['npm', 'run', script]))))
      passed(gate);
  });

  it('installs exactly the packages of its lock file and does not change it', async () => {
    const lock = readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
    passed(await run(folder, ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund']));
    expect(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')).to.equal(lock);
  });

  it('passes the tests of the tool and of its host', async () => {
    const result = await run(folder, ['npm', 'test'], { TEST_DATABASE_URL: await createDatabase() });
    passed(result);
    expect(result.output)
      .to.match(/\d\d passing/)
      .and.include('inventory API')
      .and.include('callers of the service')
      .and.include('the contract, as recorded in the monolith')
      .and.match(/POST \/items as caller: 201/);
  });

  it('depends on exactly the packages that its code imports', async () => {
    const { metafile } = await build({
      entryPoints: ['src/server.ts', 'src/host/migrate.ts'].map((file) => path.join(folder, file)),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      outdir: 'out',
      packages: 'external',
      logLevel: 'silent',
    });
    const externals = Object.values(metafile.inputs)
      .flatMap(({ imports }) => imports)
      .filter((one) => one.external === true && !one.path.startsWith('node:'))
      .map((one) => packageName(one.path));
    expect([...new Set(externals)].sort()).to.deep.equal(Object.keys(packageJson.dependencies).sort());
  });

  describe('with a database and the platform’s keys', () => {
    let service: ChildProcess;
    let keys: KeyStore;
    let platform: Server;
    let env: Record<string, string>;
    let base: string;
    let log = '';

    before(async () => {
      keys = openKeys(path.join(folder, '.state'));
      platform = createServer((_request, response) => {
        void keys.jwks().then((jwks) => response.end(JSON.stringify(jwks)));
      }).listen(0, '127.0.0.1');
      await once(platform, 'listening');
      const port = await getPort({ host: '127.0.0.1' });
      base = `http://127.0.0.1:${port}`;
      env = {
        PORT: String(port),
        DATABASE_URL: await createDatabase(),
        AUTH_MODE: 'required',
        PLATFORM_JWKS_URL: `http://127.0.0.1:${(platform.address() as AddressInfo).port}/jwks`,
        PLATFORM_ISSUER: TOKEN_ISSUER,
        DRAIN_DELAY_MS: '50',
      };
      service = spawn(process.execPath, ['src/server.ts'], { cwd: folder, env });
      service.stdout?.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
      service.stderr?.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
      while ((await fetch(`${base}/livez`).catch(() => null)) === null && service.exitCode === null)
        await delay(50);
    });
    after(async () => {
      platform.close();
      if (service.exitCode === null) service.kill('SIGKILL');
      await delay(0);
    });

    const get = (address: string, token?: string): Promise<Response> =>
      fetch(base + address, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    const tokenFor = async (
      permissions: readonly string[],
      audience = serviceAudience('inventory-tracker'),
    ): Promise<string> => {
      const caller = { audience, subject: 'ann', permissions, until: null };
      return (await createServiceTokens(keys).issue(caller)).token;
    };

    it('starts with the commands of its README and the example configuration', async () => {
      copyFileSync(path.join(folder, '.env.example'), path.join(folder, '.env'));
      for (const command of [['run', 'dev'], ['start']]) {
        const port = await getPort({ host: '127.0.0.1' });
        const { DATABASE_URL = '' } = env;
        const { PATH = '', HOME = '' } = process.env;
        const started = spawn('npm', command, {
          cwd: folder,
          env: { PATH: withoutOurs(PATH), HOME, PORT: String(port), DATABASE_URL },
          detached: true,
          stdio: 'ignore',
        });
        let response: Response | null = null;
        while (response === null && started.exitCode === null) {
          response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
          await delay(50);
        }
        process.kill(-started.pid!, 'SIGTERM');
        await once(started, 'exit');
        expect(response?.status, command.join(' ')).to.equal(200);
      }
      rmSync(path.join(folder, '.env'));
    });

    it('reports a service with a database and the platform’s keys as healthy, and as ready after its migrations', async () => {
      const health = await get('/health');
      expect(health.status, log).to.equal(200);
      expect(await health.json()).to.deep.equal({
        status: 'healthy',
        service: 'Inventory Tracker',
        version: '1.0.0',
      });
      expect((await get('/readyz')).status).to.equal(503);
      passed(await run(folder, ['npm', 'run', 'db:migrate'], env));
      expect(await (await get('/readyz')).json()).to.deep.include({ status: 'ready' });
      const again = await run(folder, ['npm', 'run', 'db:migrate'], env);
      expect(again.output).to.include('all applied').and.not.include('applied 001');
    });

    it('serves the tool only to callers with a token of the platform', async () => {
      expect((await get('/api/inventory-tracker/items')).status).to.equal(401);
      expect((await get('/api/inventory-tracker/items', await tokenFor(['tasks:read']))).status).to.equal(
        403,
      );
      const made = await fetch(`${base}/api/inventory-tracker/items`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tokenFor(['inventory:write'])}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ sku: 'A-1', name: 'Anvil' }),
      });
      expect(made.status, await made.clone().text()).to.equal(201);
      const list = await get('/api/inventory-tracker/items', await tokenFor(['inventory:read']));
      expect(await list.json()).to.have.nested.property('data[0].sku', 'A-1');
    });

    it('refuses a token of the platform, and tokens for the platform or for another service', async () => {
      const items = '/api/inventory-tracker/items';
      const permissions = ['inventory:read'];
      const session = await issueToken(keys, { subject: 'ann', permissions, ttlSeconds: 8 * 3_600 });
      expect((await get(items, session)).status).to.equal(401);
      for (const audience of [
        TOKEN_AUDIENCE,
        serviceAudience('tasks'),
        serviceAudience('inventory-tracker-2'),
      ])
        expect((await get(items, await tokenFor(permissions, audience))).status, audience).to.equal(401);
    });

    it('refuses a token that was issued more than five minutes ago, whatever its expiry', async () => {
      const permissions = ['inventory:read'];
      const token = async (age: number): Promise<string> => {
        const { kid, algorithm, key } = await keys.signingKey();
        const now = Math.floor(Date.now() / 1_000);
        return new SignJWT({ scope: permissions.join(' ') })
          .setProtectedHeader({ alg: algorithm, kid })
          .setIssuer(TOKEN_ISSUER)
          .setAudience(serviceAudience('inventory-tracker'))
          .setSubject('ann')
          .setIssuedAt(now - age)
          .setExpirationTime(now + 600)
          .sign(key);
      };
      expect((await get('/api/inventory-tracker/items', await token(290))).status).to.equal(200);
      expect((await get('/api/inventory-tracker/items', await token(340))).status).to.equal(401);
    });

    it('starts the tool when its database records the switch, and is ready before', async () => {
      const port = String(await getPort({ host: '127.0.0.1' }));
      const settings = { ...env, PORT: port, WAIT_FOR_SWITCH: 'true' };
      const waiting = spawn(process.execPath, ['src/server.ts'], {
        cwd: folder,
        env: settings,
        stdio: 'ignore',
      });
      const address = `http://127.0.0.1:${port}`;
      while (
        !(await fetch(`${address}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ))
      )
        await delay(50);
      let status: number | null = null;
      const headers = { authorization: `Bearer ${await tokenFor(['inventory:read'])}` };
      const request = fetch(`${address}/api/inventory-tracker/items`, { headers }).then(
        (response) => (status = response.status),
      );
      expect((await fetch(`${address}/api/inventory-tracker/health`)).status).to.equal(200);
      await delay(500);
      expect(status, 'before the switch').to.equal(null);
      const database = new URL(env['DATABASE_URL'] ?? '').pathname.slice(1);
      const client = new pg.Client({ connectionString: env['DATABASE_URL'] });
      await client.connect();
      await announceSwitch(client, database);
      await client.end();
      expect(await request, 'after the switch').to.equal(200);
      waiting.kill('SIGTERM');
      await once(waiting, 'exit');
    });

    it('logs no tokens and stops on SIGTERM', async () => {
      await get('/api/inventory-tracker/items', await tokenFor(['inventory:read']));
      service.kill('SIGTERM');
      const [code] = (await once(service, 'exit')) as [number | null];
      expect(code, log).to.equal(0);
      expect(log).to.include('stopped').and.include('/api/inventory-tracker/items').and.not.include('eyJ');
    });
  });
});

/** PATH without the programs of this repository. */
const withoutOurs = (programs: string): string =>
  programs
    .split(':')
    .filter((part) => !part.includes('node_modules'))
    .join(':');
