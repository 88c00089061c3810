import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type Docker from 'dockerode';
import { execa, type Result } from 'execa';
import { makeScratchClone } from '../../../dev/scratch-clone.ts';
import { composePlugin, composeProgram } from '../../support/docker-compose.ts';
import { containerOf } from '../../support/docker-lab.ts';
import { dockerEngine } from '../../support/docker-engine.ts';
import { baseImages, type BaseImages } from '../../support/docker-images.ts';
import { enginePicture, type EnginePicture } from '../../support/docker-picture.ts';
import { freePort } from '../../support/lab.ts';

const TOOL = 'inventory-tracker';
const START_TIMEOUT_MS = 300_000;

/**
 * The whole system of docker-compose.poc.yml, with the platform's image built from source, and an export into it. Takes
 * minutes: by default it is started by one version of compose; DOCKER_SYSTEM=full also exports, with every version.
 */
describe('the whole system in containers', function () {
  this.timeout(1_200_000);
  const full = process.env['DOCKER_SYSTEM'] === 'full';
  let engine: Docker;
  let images: BaseImages;

  before(async () => {
    engine = await dockerEngine();
    images = await baseImages(engine);
  });

  for (const [title, find] of [
    ['compose 2', composePlugin],
    ['compose 1', composeProgram],
  ] as const)
    if (full || title === 'compose 2')
      describe(title, () => {
        let root: string;
        let env: Record<string, string>;
        let url: string;
        let gateway: string;
        let before_: EnginePicture;
        let command: readonly string[];
        /** Value of DATABASE_URL for a shell, as the refusal of a command prints it. */
        let databaseInShell: string;

        const run = (file: string, ...args: string[]): Promise<Result> =>
          execa(file, args, { cwd: root, env, reject: false, all: true });
        const inspect = async (service: string) => (await containerOf(engine, { root, service })).inspect();
        const compose = (...args: string[]): Promise<Result> =>
          run(command[0]!, ...command.slice(1), '-f', 'docker-compose.poc.yml', ...args);

        before(async () => {
          const version = (await find()) ?? (await composePlugin()) ?? (await composeProgram());
          if (version === null) throw new Error('there is no compose here');
          command = version.version.startsWith('1.') ? ['docker-compose'] : ['docker', 'compose'];
          root = await mkdtemp(path.join(tmpdir(), 'system-'));
          await makeScratchClone(process.cwd(), root);
          const ports = [await freePort(), await freePort(), await freePort()];
          [url, gateway] = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`];
          env = {
            ...images,
            ...version.env,
            PLATFORM_PORT: String(ports[0]),
            GATEWAY_PORT: String(ports[1]),
            PLATFORM_DB_PORT: String(ports[2]),
            NO_COLOR: '1',
          };
          before_ = await enginePicture(engine);
        });
        after(async () => {
          if (full) await run('npx', 'gulp', 'rollback', `--tool-id=${TOOL}`, '--discard-writes');
          await compose('down', '--volumes', '--remove-orphans');
          await rm(root, { recursive: true, force: true, maxRetries: 3 });
        });

        /** Builds the generated Dockerfiles in full, with compiler and all packages, as a user would after an edit. */
        async function buildFromSource(): Promise<void> {
          const before = (await inspect(`${TOOL}-api`)).Image;
          const built = await compose('build', `${TOOL}-api`, `${TOOL}-web`);
          expect(built.exitCode, String(built.all)).to.equal(0);
          const up = await compose('up', '--detach', '--wait', `${TOOL}-api`, `${TOOL}-web`);
          expect(up.exitCode, String(up.all)).to.equal(0);
          expect((await inspect(`${TOOL}-api`)).Image).to.not.equal(before);
          expect((await fetch(`${gateway}/api/${TOOL}/health`)).status).to.equal(200);
          expect(await (await fetch(`${gateway}/tools/${TOOL}/`)).text()).to.contain('<base href');
        }

        it('starts PostgreSQL, the platform and the gateway with one command, all healthy', async () => {
          const up = await compose('up', '--detach', '--build'); // an image of an earlier run has its source
          expect(up.exitCode, String(up.all)).to.equal(0);
          const deadline = Date.now() + START_TIMEOUT_MS;
          let status = 0;
          while (status !== 200 && Date.now() < deadline) {
            status = await fetch(`${gateway}/readyz`).then(
              (r) => r.status,
              () => 0,
            );
            await delay(200);
          }
          expect(status, String((await compose('logs', '--tail=40')).all)).to.equal(200);
          // The platform cannot tell that a request comes from this machine
          expect((await fetch(`${gateway}/api/tools/${TOOL}`)).status).to.equal(401);
        });

        it('refuses writes without a token, and accepts the token that the platform prints', async () => {
          const body = JSON.stringify({
            toolId: 'made-here',
            name: 'Made here',
            version: '1.0.0',
            status: 'alpha',
          });
          const post = (headers: Record<string, string>): Promise<Response> =>
            fetch(`${url}/api/tools`, {
              method: 'POST',
              body,
              headers: { 'Content-Type': 'application/json', ...headers },
            });
          expect((await post({})).status).to.equal(401);
          const printed = await compose(
            'exec',
            '-T',
            'platform',
            'node',
            'monolith/server/bin/token.ts',
            '--scope=tools:write',
          );
          const answer = await post({ Authorization: `Bearer ${String(printed.stdout).trim()}` });
          expect(answer.status, await answer.text()).to.equal(201);
        });

        it('refuses exports by name: of its own, of a shell without its database, and of processes it cannot reach', async () => {
          const printed = await compose(
            'exec',
            '-T',
            'platform',
            'node',
            'monolith/server/bin/token.ts',
            '--scope=exports:run,tools:write',
          );
          const headers = {
            Authorization: `Bearer ${String(printed.stdout).trim()}`,
            'Content-Type': 'application/json',
          };
          const answer = await fetch(`${url}/api/tools/${TOOL}/export`, {
            method: 'POST',
            headers,
            body: '{}',
          });
          expect([answer.status, ((await answer.json()) as { code: string }).code]).to.deep.equal([
            409,
            'platform-in-container',
          ]);
          const jobs = (await (await fetch(`${url}/api/tools/export/jobs`, { headers })).json()) as {
            data: unknown[];
          };
          expect(jobs.data).to.deep.equal([]);

          const refused = await run('npx', 'gulp', 'export', `--tool-id=${TOOL}`);
          expect(refused.exitCode, String(refused.all)).to.equal(3);
          expect(existsSync(path.join(root, '.platform/postgres')), 'a second database').to.equal(false);
          [, databaseInShell = ''] = /export DATABASE_URL="(.+)"/.exec(String(refused.all)) ?? [];
          const local = await run(
            'sh',
            '-c',
            `DATABASE_URL="${databaseInShell}" npx gulp export --tool-id=${TOOL} --runtime=local`,
          );
          expect(local.exitCode, String(local.all)).to.equal(3);
          expect(String(local.all)).to.contain('--runtime=docker');
        });

        if (full)
          it('runs an export that reaches the platform by its container name, and rolls it back', async () => {
            const { stdout } = await run('sh', '-c', `printf %s "${databaseInShell}"`);
            env['DATABASE_URL'] = String(stdout);
            const running = await enginePicture(engine);
            const exported = await run('npx', 'gulp', 'export', `--tool-id=${TOOL}`, '--runtime=docker');
            expect(exported.exitCode, String(exported.all)).to.equal(0);
            expect(String(exported.all)).to.contain(
              "Writes stop during the copy: The monolith's database is in a container",
            );
            const { Config } = await inspect(`${TOOL}-api`);
            expect(Config.Env).to.include('PLATFORM_JWKS_URL=http://platform:3000/.well-known/jwks.json');
            const printed = await compose(
              'exec',
              '-T',
              'platform',
              'node',
              'monolith/server/bin/token.ts',
              '--scope=inventory:read',
            );
            const headers = { Authorization: `Bearer ${String(printed.stdout).trim()}` };
            for (const address of [`/api/${TOOL}/items`, `/api/tools/${TOOL}/items`])
              expect((await fetch(gateway + address, { headers })).status, address).to.equal(200);
            expect(await (await fetch(`${gateway}/tools/${TOOL}/`)).text()).to.contain('<base href');
            if (title === 'compose 2') await buildFromSource();
            const back = await run('npx', 'gulp', 'rollback', `--tool-id=${TOOL}`);
            expect(back.exitCode, String(back.all)).to.equal(0);
            expect(await enginePicture(engine)).to.deep.equal(running);
            expect((await run('git', 'status', '--porcelain')).stdout).to.equal('');
          });

        it('leaves only its image after compose down', async () => {
          const down = await compose('down', '--volumes');
          expect(down.exitCode, String(down.all)).to.equal(0);
          const left = await enginePicture(engine);
          expect({ ...left, images: [] }).to.deep.equal({ ...before_, images: [] });
        });

        it('contains no password in the compose file', async () => {
          expect(await readFile(path.join(root, 'docker-compose.poc.yml'), 'utf8')).to.not.match(
            /PASSWORD: /,
          );
        });
      });
});
