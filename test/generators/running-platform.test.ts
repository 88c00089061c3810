import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { openLab, type CliResult, type Lab } from '../support/lab.ts';

describe('scaffolding beside a running platform', function () {
  this.timeout(600_000);
  let lab: Lab;
  let token: string;

  before(async () => {
    lab = await openLab({ start: false, env: { LOG_LEVEL: 'info' } });
    await lab.startPlatform({ PLATFORM_MODE: 'production' }); // every write requires a token
    const permissions = '--scope=tools:write,word:read';
    const made = await lab.run('node', 'monolith/server/bin/token.ts', permissions);
    token = made.stdout.trim();
  });
  after(() => lab.close());

  const withToken = (command: string, ...args: string[]): Promise<CliResult> =>
    lab.runWith({ PLATFORM_TOKEN: token }, command, ...args);
  const get = (at: string): Promise<Response> =>
    fetch(`${lab.platformUrl}${at}`, { headers: { Authorization: `Bearer ${token}` } });
  const log = (): string => readFileSync(path.join(lab.root, '.platform/logs/platform.log'), 'utf8');

  it('writes files without a token, exits with 5 because registration is refused, and registers later', async () => {
    const made = await lab.run('node', 'generators/bin/create-tool.ts', 'word-board', '--yes');
    expect([made.code, made.stderr]).to.satisfy(
      ([code, text]: [number, string]) =>
        code === 5 && text.includes('npx gulp register --tool-id=word-board'),
    );
    expect((await get('/api/tools/word-board')).status).to.equal(404);
    expect((await lab.gulp('register', '--tool-id=word-board')).code).to.equal(2);
    const registered = await withToken('gulp', 'register', '--tool-id=word-board');
    expect(registered.code, registered.stderr).to.equal(0);
    expect((await get('/api/tools/word-board')).status).to.equal(200);
    expect((await get('/api/tools/word-board/words')).status).to.equal(200);
  });

  it('serves a tool whose added resource refers to a deleted sample row, without the rows of that resource', async () => {
    await lab.stopPlatform();
    await lab.startPlatform(); // sample rows belong to development mode
    const made = await lab.run('create-tool', 'shop-desk', '--yes', '--resource=customer:name:string');
    expect(made.code, made.stderr).to.equal(0);
    const rowsOf = async (at: string): Promise<unknown[]> => {
      let answer = await fetch(`${lab.platformUrl}/api/tools/shop-desk/${at}`);
      // The tool is reloaded when the registry has told the platform of the change
      for (let n = 0; answer.status === 404 && n < 100; n++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        answer = await fetch(`${lab.platformUrl}/api/tools/shop-desk/${at}`);
      }
      expect(answer.status, at).to.equal(200);
      return ((await answer.json()) as { data: unknown[] }).data;
    };
    expect(await rowsOf('customers')).to.have.length(3);
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    try {
      await client.query(`DELETE FROM shop_desk_customers WHERE name = 'Name 1'`);
    } finally {
      await client.end();
    }
    const spec = 'order:title:string,customerId:uuid:required:references=customer';
    const added = await lab.run('plop', 'resource', 'shop-desk', spec);
    expect(added.code, added.stderr).to.equal(0);
    expect(await rowsOf('customers')).to.have.length(2);
    expect(await rowsOf('orders')).to.deep.equal([]);
    expect(log()).to.match(/sample rows were skipped/);
    const byHand = await lab.run('node', 'monolith/server/bin/migrate-tool.ts', '--tool-id=shop-desk');
    expect([byHand.code, byHand.stdout]).to.satisfy(
      ([code, text]: [number, string]) =>
        code === 0 && /Skipped: tools\/shop-desk\/database\/seeds\/.*orders\.sql\n.*foreign key/.test(text),
      byHand.stdout + byHand.stderr,
    );
  });

  it('leaves no table, role, file, registration or log error after scaffold:undo', async () => {
    expect((await get('/api/tools/word-board/words')).status).to.equal(200);
    const before = log();
    const undone = await withToken('gulp', 'scaffold:undo', '--tool-id=word-board');
    expect(undone.code, undone.stderr).to.equal(0);
    expect(undone.stdout).to.contain('001-create-word-tables.sql: undone');
    expect((await get('/api/tools/word-board')).status).to.equal(404);
    expect(existsSync(path.join(lab.root, 'tools/word-board'))).to.equal(false);
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    try {
      const { rows } = await client.query(
        `SELECT relname AS name FROM pg_class WHERE relname LIKE 'word_board%'
         UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'tool%word_board%'
         UNION ALL SELECT name FROM tool_migrations WHERE tool_id = 'word-board'`,
      );
      expect(rows).to.deep.equal([]);
    } finally {
      await client.end();
    }
    // Read after the tool is gone, so that the log is complete
    expect((await get('/api/tools/word-board/words')).status).to.equal(404);
    expect(log().slice(before.length)).to.not.match(/ENOENT|"level":"?(50|error)|could not be read/);
    expect((await withToken('gulp', 'scaffold:undo', '--tool-id=word-board')).code).to.equal(2);
  });
});
