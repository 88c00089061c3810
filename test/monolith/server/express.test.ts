import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { publishBuild } from '../../../monolith/server/dashboard/web/builds.ts';
import { hashInputs } from '../../../monolith/server/dashboard/web/inputs.ts';
import { freePort } from '../../support/lab.ts';
import { createDatabase } from '../../support/postgres.ts';
import { call, makeRepository, writeNotes, type Answer, type TestRepository } from './repository.ts';

const HERE = path.resolve(import.meta.dirname, '../../..');
const SCRIPT = 'console.log("dashboard")\n';

for (const [version, file] of [
  ['4', 'express-4/app.cjs'],
  ['5', 'express-5/app.js'],
] as const)
  describe(`the example application for Express ${version}`, () => {
    let repository: TestRepository;
    let application: ChildProcess;
    let port: number;
    let gatewayPort: number;
    let output = '';
    const sessions: Record<string, string> = {};
    const at = (address: string): string => `http://127.0.0.1:${port}${address}`;
    const as = (user: string, address: string, init: RequestInit = {}): Promise<Answer> =>
      call(at(address), { ...init, headers: { ...(init.headers as object), cookie: sessions[user] ?? '' } });
    const post = (body: object, headers: Record<string, string> = {}): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

    before(async () => {
      repository = await makeRepository();
      await writeNotes(repository);
      await plantDashboard(repository.root);
      [port, gatewayPort] = [await freePort(), await freePort()];
      const preload = path.join(import.meta.dirname, 'resolve-example.ts');
      application = spawn(process.execPath, ['--import', preload, path.join(HERE, 'docs/examples', file)], {
        cwd: repository.root,
        env: {
          PATH: process.env['PATH'],
          DATABASE_URL: await createDatabase(),
          PORT: String(port),
          GATEWAY_PORT: String(gatewayPort),
          PLATFORM_GATEWAY: 'facade',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [application.stdout, application.stderr])
        stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      while (!(await answers(at('/')))) {
        if (application.exitCode !== null) throw new Error(output);
        await delay(50);
      }
      for (const name of ['ada', 'sam']) {
        const { headers } = await call(at('/login'), post({ name }));
        sessions[name] = headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
      }
    });
    after(async () => {
      application.kill('SIGKILL');
      await repository.remove();
    });

    it('answers at the routes of the application before and behind the platform', async () => {
      expect((await call(at('/'))).text).to.equal('The application, for a visitor');
      expect((await as('ada', '/')).text).to.equal('The application, for ada');
      expect((await call(at('/login'), post({ name: 'ada' }))).body).to.deep.equal({ name: 'ada' });
      expect((await call(at('/login'), post({ name: 'eve' }))).status).to.equal(401);
      for (const address of ['/nowhere', '/api/nowhere', '/index.html', '/assets/app-ABCDEFGH.js', '/tool']) {
        const { status, text, headers } = await call(at(address), { headers: { accept: 'text/html' } });
        expect([status, text], address).to.deep.equal([404, 'The application has no such page']);
        expect(headers.get('x-request-id'), address).to.equal(null);
      }
    });

    it('leaves names that many applications have to the application, and keeps its own below /api/registry', async () => {
      expect((await call(at('/health'))).body).to.deep.equal({ application: 'healthy' });
      for (const name of ['livez', 'readyz', 'health', 'metrics', 'docs', 'openapi.json']) {
        if (name !== 'health') expect((await call(at(`/${name}`))).status, name).to.equal(404);
        expect((await call(at(`/api/registry/${name}`))).status, name).to.equal(200);
      }
    });

    it('answers with a tool to users of the application who have its permission', async () => {
      for (const address of ['/api/tools/notes/rows', '/api/notes/rows']) {
        expect((await call(at(address))).status, 'a visitor').to.equal(401);
        expect((await as('sam', address)).body).to.deep.equal([{ name: 'monolith' }]);
        expect((await as('sam', address, post({ name: 'x' }))).status).to.equal(403);
      }
      expect((await as('ada', '/api/notes/rows', post({ name: 'of ada' }))).status).to.equal(201);
      expect((await as('sam', '/api/notes/rows')).body).to.deep.equal([
        { name: 'monolith' },
        { name: 'of ada' },
      ]);
    });

    it('changes the registry in the name of a user of the application', async () => {
      const tool = post({ toolId: 'stock', name: 'Stock' });
      expect((await call(at('/api/tools'), tool)).status, 'a visitor').to.equal(401);
      expect((await as('sam', '/api/tools', tool)).status, 'without the scope').to.equal(403);
      expect((await as('ada', '/api/tools', tool)).status).to.equal(201);
      const { body } = await as('sam', '/api/tools/stock/history');
      expect((body as { data: { actor: string }[] }).data[0]).to.include({ actor: 'ada' });
    });

    it('refuses changes that a page of another site requests with the session of the application', async () => {
      for (const headers of [
        { origin: 'http://else.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site', origin: at('') },
      ] as Record<string, string>[])
        for (const address of ['/api/notes/rows', '/api/tools', '/api/session'])
          expect((await as('ada', address, post({}, headers))).status, JSON.stringify(headers)).to.equal(403);
      const own = post({ name: 'same origin' }, { origin: at('') });
      expect((await as('ada', '/api/notes/rows', own)).status).to.equal(201);
    });

    it('tells the dashboard who the user of the application is, and offers no sign-in of its own', async () => {
      const session = async (user: string): Promise<unknown> =>
        (await as(user, '/api/session')).body as unknown;
      expect(await session('sam')).to.deep.equal({
        mode: 'development',
        principal: { subject: 'sam', permissions: ['rows:read'] },
        signedIn: true,
        expiresAt: null,
        signIn: 'host',
      });
      expect(await session('a visitor')).to.include({ principal: null, signedIn: false, signIn: 'host' });
      const signIn = await call(at('/api/session'), post({ subject: 'eve' }));
      expect([signIn.status, signIn.headers.getSetCookie()]).to.deep.equal([403, []]);
    });

    it('shows the pages of the dashboard and their files', async () => {
      for (const address of ['/tools', '/tools/notes/about', '/exports']) {
        const page = await call(at(address), { headers: { accept: 'text/html' } });
        expect([page.status, page.text], address).to.deep.equal([200, '<p>dashboard</p>']);
      }
      expect((await call(at('/main-ABCDEFGH.js'))).text).to.equal(SCRIPT);
      expect((await call(at('/favicon.ico'))).text).to.equal('The application has no such page');
    });

    it('serves the application through the gateway, with its sessions', async () => {
      const gateway = (address: string, user = ''): Promise<Answer> =>
        call(`http://127.0.0.1:${gatewayPort}${address}`, { headers: { cookie: sessions[user] ?? '' } });
      expect((await gateway('/', 'ada')).text).to.equal('The application, for ada');
      expect((await gateway('/api/notes/rows', 'sam')).status).to.equal(200);
      expect((await gateway('/api/notes/rows')).status).to.equal(401);
      const login = await call(`http://127.0.0.1:${gatewayPort}/login`, post({ name: 'sam' }));
      expect(login.headers.getSetCookie()[0]).to.match(/^sid=/);
      expect((await gateway('/nowhere')).text).to.equal('The application has no such page');
    });

    it('writes nothing, and ends by itself when the application stops', async () => {
      const runFile = path.join(repository.root, '.platform/run/platform.json');
      expect(existsSync(runFile)).to.equal(true);
      const ended = once(application, 'exit');
      application.kill('SIGTERM');
      expect(await ended).to.deep.equal([0, null]);
      expect(existsSync(runFile)).to.equal(false);
      expect(output).to.equal('');
    });
  });

/** A build of the dashboard as it would be in this repository, which has no code of its pages. */
async function plantDashboard(root: string): Promise<void> {
  const staging = path.join(root, 'staging');
  await mkdir(staging);
  await writeFile(path.join(staging, 'index.html'), '<p>dashboard</p>');
  await writeFile(path.join(staging, 'favicon.ico'), 'an icon');
  await writeFile(path.join(staging, 'main-ABCDEFGH.js'), SCRIPT);
  const build = { id: await hashInputs(root), tools: [], problems: {} };
  await publishBuild(path.join(root, '.platform/web'), staging, build);
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
