import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import pino from 'pino';
import type { ToolState } from '../../../../contracts/tool-state.ts';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { revertNewest } from '../../../../monolith/server/host/database/migrations.ts';
import { asUser } from '../../../../monolith/server/host/database/database-address.ts';
import { openToolPool } from '../../../../monolith/server/host/mount.ts';
import { findTool } from '../../../../monolith/server/host/read-tools.ts';
import { backendOver, call, makeRepository, openPlatform, type TestRepository } from '../repository.ts';

const PERMISSIONS = { permissions: ['rows:read', 'rows:write'] };
const CREATE =
  'CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, serial serial, name text NOT NULL);';

describe('tool host', () => {
  let repository: TestRepository;
  let platform: Platform & { readonly databaseUrl: string };
  let admin: pg.Client;
  const api = (at: string): string => `http://127.0.0.1:${platform.port}/api/tools/${at}`;
  const post = (at: string, body: object) =>
    call(api(at), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  before(async () => {
    repository = await makeRepository();
    await repository.writeTool(
      'notes',
      { ...PERMISSIONS, databaseSchema: { tables: ['notes'] } },
      {
        'backend/index.ts': backendOver('notes'),
        'database/migrations/001-create-notes.sql': CREATE,
        'database/migrations/001-create-notes.down.sql': 'DROP TABLE notes;',
        'database/seeds/notes.sql': `INSERT INTO notes (name) VALUES ('seeded');`,
      },
    );
    await repository.writeTool('thief', PERMISSIONS, { 'backend/index.ts': backendOver('notes') });
    await repository.writeTool('spy', PERMISSIONS, { 'backend/index.ts': backendOver('tool_registry') });
    await repository.writeTool('typo', {}, { 'backend/index.ts': 'export default 5 5' });
    await repository.writeTool(
      'thrower',
      {},
      { 'backend/index.ts': `export default () => { throw new Error('not today'); };` },
    );
    await repository.writeTool('nothing', {}, { 'backend/index.ts': 'export default () => undefined;' });
    await repository.writeTool(
      'misfit',
      { version: 'one', colour: 'red' },
      { 'backend/index.ts': backendOver('x') },
    );
    await repository.writeTool(
      'badsql',
      {},
      {
        'backend/index.ts': backendOver('x'),
        'database/migrations/001-x.sql': 'CREATE TABLE half ();\nCREATE TABEL x ();',
      },
    );
    platform = await openPlatform(repository.root);
    admin = new pg.Client({ connectionString: platform.databaseUrl });
    await admin.connect();
  });
  after(async () => {
    await admin.end();
    await platform.close();
    await repository.remove();
  });

  it('migrates, seeds and serves a tool under a role of its own', async () => {
    expect((await call(api('notes/rows'))).body).to.deep.equal([{ name: 'seeded' }]);
    expect((await post('notes/rows', { name: 'added' })).status).to.equal(201);
    const { rows } = await admin.query(
      `SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'tool__notes'`,
    );
    expect(rows).to.deep.equal([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false }]);
  });

  it('refuses a tool access to a table that its manifest does not declare', async () => {
    for (const tool of ['thief', 'spy']) {
      const read = await call(api(`${tool}/rows`));
      expect(read.status, tool).to.equal(500);
      expect(read.body.code).to.equal('undeclared-table');
      expect((await post(`${tool}/rows`, { name: 'x' })).body.code).to.equal('undeclared-table');
    }
  });

  it('grants a newly declared table, and revokes the grant when the declaration is removed', async () => {
    const manifest = (tables: string[]) => ({ ...PERMISSIONS, databaseSchema: { tables } });
    const shared = { ...PERMISSIONS, databaseSchema: { tables: [{ name: 'notes', sharedWith: ['thief'] }] } };
    await repository.writeTool('notes', shared, {});
    await repository.writeTool('thief', manifest(['notes']), {});
    await platform.host.sync('thief');
    expect((await call(api('thief/rows'))).status).to.equal(200);
    await repository.writeTool('notes', manifest(['notes']), {});
    await repository.writeTool('thief', manifest([]), {});
    await platform.host.sync('thief');
    expect((await call(api('thief/rows'))).body.code).to.equal('undeclared-table');
    const { rows } = await admin.query(
      `SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 'tool__thief'::regrole`,
    );
    expect(rows).to.deep.equal([]);
  });

  const reasons: Record<string, RegExp> = {
    typo: /tools\/typo\/backend\/index\.ts:1: /,
    thrower: /tools\/thrower\/backend\/index\.ts:1: not today/,
    nothing: /did not return a router/,
    misfit:
      /\/colour: is not a known field[\s\S]*\/version: does not have the right form: Semantic version, such as 1\.0\.0/,
    badsql: /tools\/badsql\/database\/migrations\/001-x\.sql:2: syntax error at or near "TABEL"/,
  };
  for (const [tool, reason] of Object.entries(reasons))
    it(`answers 503 with the reason for a tool that fails to start (${tool}), and serves the others`, async () => {
      const answer = await call(api(`${tool}/rows`));
      expect(answer.status).to.equal(503);
      expect(answer.headers.get('content-type')).to.include('application/problem+json');
      expect(answer.body.code).to.equal('tool-broken');
      expect(answer.body.detail).to.match(reason);
      expect((await call(api('notes/rows'))).status).to.equal(200);
    });

  it('lists which tools run, and why and until when the others do not', async () => {
    await call(api('notes/rows'));
    await call(api('thrower/rows'));
    const { body } = await call(`http://127.0.0.1:${platform.port}/api/registry/tool-states`);
    const states = new Map((body.data as ToolState[]).map((state) => [state.id, state]));
    expect(states.get('notes')).to.deep.equal({
      ...{ id: 'notes', state: 'running', problem: null, retryAfter: null },
    });
    const failed = states.get('thrower');
    expect(failed?.state).to.equal('failed');
    expect(failed?.problem).to.contain('not today');
    expect(failed?.retryAfter).to.be.at.least(1);
    const services = await call(`http://127.0.0.1:${platform.port}/api/registry/service-states`);
    expect(services.body).to.deep.equal({ data: [] });
  });

  it('stops a tool that no request needs, lists it as stopped, and starts it with the next request', async function () {
    this.timeout(60_000);
    const stateOf = async (): Promise<string | undefined> =>
      (
        (await call(`http://127.0.0.1:${platform.port}/api/registry/tool-states`)).body.data as ToolState[]
      ).find(({ id }) => id === 'spy')?.state;
    await repository.write('tools/spy/backend/touch.ts', 'export {};');
    await platform.host.sync('spy'); // a process that has served no request
    expect(await stateOf()).to.equal('running');
    while ((await stateOf()) !== 'stopped') await delay(500);
    await call(api('spy/rows'));
    expect(await stateOf()).to.equal('running');
  });

  it('rolls back a migration that fails half way', async () => {
    const { rows } = await admin.query(`SELECT to_regclass('half') AS half`);
    expect(rows[0]).to.deep.equal({ half: null });
  });

  it('registers the tools with a valid manifest', async () => {
    const { body } = await call(`http://127.0.0.1:${platform.port}/api/tools?limit=100`);
    const ids = (body.data as { toolId: string }[]).map((tool) => tool.toolId);
    expect(ids).to.include.members(['notes', 'typo']);
    expect(ids).not.to.include('misfit');
  });

  it('mounts a new tool on its first request', async () => {
    await repository.writeTool(
      'fresh',
      { ...PERMISSIONS, databaseSchema: { tables: ['fresh'] } },
      {
        'backend/index.ts': backendOver('fresh'),
        'database/migrations/001-fresh.sql': 'CREATE TABLE fresh (name text);',
      },
    );
    expect((await call(api('fresh/rows'))).body).to.deep.equal([]);
    expect((await post('fresh/rows', { name: 'first' })).status).to.equal(201);
  });

  it('reloads every module of a changed tool, and applies its new migration', async () => {
    await repository.writeTool('changing', PERMISSIONS, {
      'backend/index.ts': `import { Router } from 'express';
          import { word } from './word.ts';
          export default () => Router().get('/word', (_req, res) => void res.json(word));`,
      'backend/word.ts': `export const word = 'before';`,
    });
    expect((await call(api('changing/word'))).body).to.equal('before');
    await repository.write('tools/changing/backend/word.ts', `export const word = 'afterwards';`);
    await repository.write('tools/changing/database/migrations/001-more.sql', 'CREATE TABLE more ();');
    await platform.host.sync();
    expect((await call(api('changing/word'))).body).to.equal('afterwards');
    expect((await admin.query(`SELECT to_regclass('more') IS NOT NULL AS there`)).rows[0].there).to.equal(
      true,
    );
  });

  it('serves a broken tool again once it is corrected', async () => {
    await repository.writeTool('typo', PERMISSIONS, { 'backend/index.ts': backendOver('notes') });
    await platform.host.sync('typo');
    expect((await call(api('typo/rows'))).body.code).to.equal('undeclared-table');
  });

  it('applies migrations and seeds once, and refuses an edited migration', async () => {
    await platform.host.sync();
    await repository.write('tools/notes/database/migrations/001-create-notes.sql', `${CREATE} -- changed`);
    await platform.host.sync('notes');
    const refused = await call(api('notes/rows'));
    expect(refused.body.detail).to.include('001-create-notes.sql has changed since it was applied');
    await repository.write('tools/notes/database/migrations/001-create-notes.sql', CREATE);
    await platform.host.sync('notes');
    const rows = (await call(api('notes/rows'))).body as { name: string }[];
    expect(rows.filter((row) => row.name === 'seeded')).to.have.length(1);
  });

  it('reverts the newest migration, and applies it again', async () => {
    const secret = path.join(repository.root, '.platform/secrets/monolith-notes.owner.password');
    const owner = { role: 'tool__notes__owner', password: (await readFile(secret, 'utf8')).trim() };
    const notes = findTool(repository.root, 'notes')!;
    const options = { owner, url: platform.databaseUrl, timeoutMs: 0 };
    expect(await revertNewest(admin, notes, options)).to.equal('001-create-notes.sql');
    expect((await admin.query(`SELECT to_regclass('notes') AS notes`)).rows[0].notes).to.equal(null);
    await repository.write('tools/notes/backend/touch.ts', 'export {};');
    await platform.host.sync('notes');
    expect((await call(api('notes/rows'))).body).to.deep.equal([{ name: 'seeded' }]);
  });

  it('answers writes to a fenced table with 503 and Retry-After, and serves reads', async () => {
    await admin.query(`
      CREATE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'moved' USING ERRCODE = 'PF503'; END $$;
      CREATE TRIGGER fence BEFORE INSERT OR UPDATE OR DELETE ON notes EXECUTE FUNCTION fence();`);
    const write = await post('notes/rows', { name: 'x' });
    expect(write.status).to.equal(503);
    expect(Number(write.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(write.body.code).to.equal('tool-fenced');
    expect((await call(api('notes/rows'))).status).to.equal(200);
    await admin.query('DROP TRIGGER fence ON notes');
    expect((await post('notes/rows', { name: 'x' })).status).to.equal(201);
  });

  it('stops serving a tool when its folder is removed', async () => {
    await rm(path.join(repository.root, 'tools/changing'), { recursive: true });
    await platform.host.sync('changing');
    expect((await call(api('changing/word'))).status).to.equal(404);
  });

  it('refuses malformed JSON and large bodies before the tool sees them', async () => {
    const headers = { 'content-type': 'application/json' };
    const malformed = await call(api('notes/rows'), { method: 'POST', headers, body: '{"name":' });
    expect([malformed.status, malformed.body.code]).to.deep.equal([400, 'malformed-json']);
    const large = await post('notes/rows', { name: 'x'.repeat(300_000) });
    expect([large.status, large.body.code]).to.deep.equal([413, 'body-too-large']);
    const nul = await post('notes/rows', { name: 'a\u0000b' });
    expect(nul.status).to.equal(422);
    expect((await call(api('%zz/rows'))).status).to.equal(400);
  });

  it('survives a connection that breaks during a tool’s transaction', async () => {
    const secret = path.join(repository.root, '.platform/secrets/monolith-notes.password');
    const password = (await readFile(secret, 'utf8')).trim();
    const login = asUser(platform.databaseUrl, 'tool__notes', password);
    const pool = openToolPool(login, 'notes', pino({ level: 'silent' }));
    const client = await pool.connect();
    await client.query('BEGIN');
    const ended = new Promise((resolve) => client.once('end', resolve));
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'tool:notes' AND state = 'idle in transaction'`,
    );
    await ended;
    expect(await client.query('COMMIT').catch(() => 'refused')).to.equal('refused');
    client.release(true);
    await pool.end();
  });
});
