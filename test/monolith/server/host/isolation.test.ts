import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { call, makeRepository, openPlatform, type Answer, type TestRepository } from '../repository.ts';

/** Every way of a tool to end its process, by path. */
const FAILURES: Readonly<Record<string, { code: string; reason: RegExp }>> = {
  'rejected-query': { code: `void db.query('SELECT 1/0')`, reason: /division by zero/ },
  'rejected-fetch': { code: `void fetch('http://127.0.0.1:1/')`, reason: /fetch failed/ },
  'unheard-error': { code: `get('http://127.0.0.1:1/')`, reason: /ECONNREFUSED/ },
  'rejected-text': { code: `void Promise.reject('only text')`, reason: /only text/ },
  'thrown-nothing': { code: `setTimeout(() => { throw undefined; })`, reason: /undefined/ },
  'thrown-later': {
    code: `setTimeout(() => { throw new Error('boom'); })`,
    reason: /tools\/chaos\/backend\/index\.ts:\d+: boom/,
  },
  exit: { code: `setTimeout(() => process.exit(3), 20)`, reason: /exit code 3/ },
  kill: { code: `setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20)`, reason: /SIGKILL/ },
  'full-heap': {
    code: `setTimeout(() => { const all = []; for (;;) all.push({ text: String(all.length) }); })`,
    reason: /more than 200 MiB/,
  },
  'full-memory': {
    code: `setTimeout(() => { globalThis.all = Array.from({ length: 40 }, () => Buffer.alloc(1e7, 1)); }, 20)`,
    reason: /more than 200 MiB/,
  },
  loop: { code: `setTimeout(() => { for (;;); })`, reason: /blocked its event loop for 10 seconds/ },
};

const CHAOS = `
import { get } from 'node:http';
import { Router } from 'express';
export default ({ db }) => {
  const router = Router();
  router.get('/pid', (_req, res) => void res.json(process.pid));
${Object.entries(FAILURES)
  .map(([at, { code }]) => `  router.get('/${at}', (_req, res) => { ${code}; res.json('lit'); });`)
  .join('\n')}
  return router;
};`;

const SPY = `
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Router } from 'express';
import { text } from '../../../shared/text.ts';
export default () => {
  const router = Router();
  router.get('/env', (_req, res) => void res.json(process.env));
  router.get('/file', async (req, res) => {
    res.json(await readFile(req.query.name, 'utf8').then((text) => text.length, ({ code }) => code));
  });
  router.get('/temporary', async (_req, res) => {
    await writeFile(tmpdir() + '/note', 'kept');
    res.json(await readFile(tmpdir() + '/note', 'utf8'));
  });
  router.get('/write', async (req, res) => {
    res.json(await writeFile(req.query.name, 'x').then(() => 'written', ({ code }) => code));
  });
  router.get('/node', (req, res) => {
    const script = 'console.log(require("fs").readFileSync(process.argv[1], "utf8").length)';
    execFile(process.execPath, ['-e', script, req.query.name], (error, stdout, stderr) =>
      res.json(error ? /ERR_ACCESS_DENIED/.exec(stderr)?.[0] : Number(stdout)));
  });
  router.get('/app', (req, res) => {
    req.app.get('/livez', (_req, res) => void res.json('hijacked'));
    req.app.router.stack.unshift(req.app.router.stack.pop());
    res.json(text);
  });
  router.get('/port', (req, res) => void res.json(req.socket.localPort));
  return router;
};`;

const CLOCK = `
import { Router } from 'express';
export default ({ db }) => {
  setInterval(() => void db.query('INSERT INTO ticks VALUES ($1)', [process.pid]).catch(() => {}), 30).unref();
  return Router().get('/pid', (_req, res) => void res.json(process.pid));
};`;

const QUIET = `
import { Router } from 'express';
export default () => Router().get('/pid', (_req, res) => void res.json(process.pid));`;

describe('a tool in a process of its own', () => {
  let repository: TestRepository;
  let platform: Platform & { readonly databaseUrl: string };
  let admin: pg.Client;
  const get = (at: string): Promise<Answer> => call(`http://127.0.0.1:${platform.port}/api/tools/${at}`);
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await delay(20);
    }
  };
  const pidOf = (tool: string): Promise<number> =>
    until(async () => {
      const { status, body } = await get(`${tool}/pid`);
      return status === 200 ? (body as number) : undefined;
    });

  before(async () => {
    repository = await makeRepository();
    await repository.write('shared/text.ts', `export const text = 'shared';`);
    await repository.write('.env', 'SECRET=1');
    await repository.writeTool('chaos', {}, { 'backend/index.ts': CHAOS });
    await repository.writeTool('quiet', {}, { 'backend/index.ts': QUIET });
    await repository.writeTool(
      'spy',
      { env: [{ name: 'SPY_REGION' }] },
      { 'backend/index.ts': SPY, 'backend/note.txt': 'own' },
    );
    await repository.writeTool(
      'clock',
      { databaseSchema: { tables: ['ticks'] } },
      {
        'backend/index.ts': CLOCK,
        'database/migrations/001-ticks.sql':
          'CREATE TABLE ticks (pid int, at timestamptz DEFAULT clock_timestamp());',
      },
    );
    platform = await openPlatform(repository.root, {
      PLATFORM_TOOL_MEMORY: '200',
      PLATFORM_TOOL_IDLE: '1',
      SPY_REGION: 'north',
      SPY_OTHER: 'hidden',
    });
    admin = new pg.Client({ connectionString: platform.databaseUrl });
    await admin.connect();
  });
  after(async () => {
    await admin.end();
    await platform.close();
    await repository.remove();
  });

  for (const [at, { reason }] of Object.entries(FAILURES))
    it(`answers 503 with the reason and is started again after a failure (${at}), and harms no other tool`, async () => {
      const before = await pidOf('chaos');
      await get(`chaos/${at}`);
      const refused = await until(async () => {
        const answer = await get('chaos/pid');
        expect((await get('quiet/pid')).status).to.equal(200);
        expect((await call(`http://127.0.0.1:${platform.port}/livez`)).status).to.equal(200);
        return answer.status === 503 ? answer : undefined;
      });
      expect(refused.body).to.include({ code: 'tool-broken' });
      expect(refused.body.detail).to.match(reason);
      expect(Number(refused.headers.get('retry-after'))).to.be.greaterThan(0);
      expect(await pidOf('chaos')).not.to.equal(before);
      await repository.write('tools/chaos/backend/touch.ts', `export const at = '${at}';`); // resets the back-off
      await platform.host.sync('chaos');
    }).timeout(60_000);

  it('sees the variables that its manifest declares, and none of the platform', async () => {
    const env = (await get('spy/env')).body as Record<string, string>;
    expect(env).to.include({ SPY_REGION: 'north' });
    expect(Object.keys(env)).not.to.include.members(['SPY_OTHER']);
    expect(Object.keys(env)).not.to.include.members(['DATABASE_URL']);
    const kept = path.join(repository.root, '.platform/secrets/spy.env.json');
    expect(JSON.parse(await readFile(kept, 'utf8')), 'for its export').to.deep.equal({ SPY_REGION: 'north' });
    expect((await stat(kept)).mode & 0o777).to.equal(0o600);
  });

  it('reads its own folder, shared code and packages, and no other file', async () => {
    const { root } = repository;
    const file = async (name: string): Promise<unknown> =>
      (await get(`spy/file?name=${encodeURIComponent(path.resolve(root, name))}`)).body;
    for (const name of ['tools/spy/backend/note.txt', 'shared/text.ts', 'node_modules/express/package.json'])
      expect(await file(name), name).to.be.a('number');
    const secret = '.platform/secrets/monolith-spy.password';
    expect(await readFile(path.join(root, secret), 'utf8')).not.to.equal('');
    for (const name of [
      secret,
      `tools/spy/../../${secret}`,
      '.env',
      'tools/quiet/backend/index.ts',
      '/etc/passwd',
    ])
      expect(await file(name), name).to.equal('ERR_ACCESS_DENIED');
    const at = encodeURIComponent(path.join(root, secret));
    expect((await get(`spy/node?name=${at}`)).body, 'by a Node.js process of the tool').to.equal(
      'ERR_ACCESS_DENIED',
    );
  });

  it('writes to its temporary folder only', async () => {
    expect((await get('spy/temporary')).body).to.equal('kept');
    const own = path.join(repository.root, 'tools/spy/backend/index.ts');
    expect((await get(`spy/write?name=${encodeURIComponent(own)}`)).body).to.equal('ERR_ACCESS_DENIED');
  });

  it('gives a tool no access to the application of the platform', async () => {
    expect((await get('spy/app')).body).to.equal('shared');
    expect((await call(`http://127.0.0.1:${platform.port}/livez`)).text).not.to.include('hijacked');
  });

  it('refuses requests that do not come from the platform', async () => {
    const port = (await get('spy/port')).body as number;
    const answer = await call(`http://127.0.0.1:${port}/api/tools/spy/env`);
    expect([answer.status, answer.body.code]).to.deep.equal([403, 'forbidden']);
  });

  it('ends its timers with each reload and with the export, and starts them again after a rollback', async () => {
    const ticking = async (): Promise<number[]> => {
      await admin.query('TRUNCATE ticks');
      await delay(200);
      const { rows } = await admin.query<{ pid: number }>('SELECT DISTINCT pid FROM ticks');
      return rows.map(({ pid }) => pid);
    };
    const first = await pidOf('clock');
    expect(await ticking()).to.deep.equal([first]);
    await repository.write('tools/clock/backend/touch.ts', 'export {};');
    await platform.host.sync('clock');
    const second = await pidOf('clock');
    expect(second).not.to.equal(first);
    expect(await ticking()).to.deep.equal([second]);

    await admin.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root) VALUES ('clock', 'http://127.0.0.1:9', 'none')`,
    );
    await until(async () => ((await ticking()).length === 0 ? true : undefined));
    await admin.query(`DELETE FROM tool_routes WHERE tool_id = 'clock'`);
    const third = await pidOf('clock');
    expect(third).not.to.equal(second);
    expect(await ticking()).to.deep.equal([third]);
  });

  it('stops a process that has nothing to do, but none with a timer of its own', async () => {
    const [quiet, clock] = [await pidOf('quiet'), await pidOf('clock')];
    await until(() => Promise.resolve(isAlive(quiet) ? undefined : true));
    expect(isAlive(clock)).to.equal(true);
    expect(await pidOf('quiet')).not.to.equal(quiet);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
