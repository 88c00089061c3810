import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { openLab, type CliResult, type Lab } from '../support/lab.ts';

describe('a scaffold and a platform that runs', function () {
  this.timeout(600_000);
  let lab: Lab;
  let token: string;

  before(async () => {
    lab = await openLab({ start: false, env: { LOG_LEVEL: 'info' } });
    await lab.startPlatform({ PLATFORM_MODE: 'production' }); // where every write needs a token
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

  it('create-tool without a token writes, is not heard, says so with exit code 5; register makes up for it', async () => {
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

  it('scaffold:undo leaves no table, role, file or registration, and no complaint in the log', async () => {
    await lab.stopPlatform();
    await lab.startPlatform(); // in development, where it keeps its log in a file
    expect((await get('/api/tools/word-board/words')).status).to.equal(200);
    const before = log();
    const undone = await withToken('gulp', 'scaffold:undo', '--tool-id=word-board');
    expect(undone.code, undone.stderr).to.equal(0);
    expect(undone.stdout).to.contain('001-create-word-tables.sql: taken back');
    expect((await get('/api/tools/word-board')).status).to.equal(404);
    expect(existsSync(path.join(lab.root, 'tools/word-board'))).to.equal(false);
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    try {
      const { rows } = await client.query(
        `SELECT relname AS name FROM pg_class WHERE relname LIKE 'word_board%'
         UNION ALL SELECT rolname FROM pg_roles WHERE rolname = 'tool_word_board'
         UNION ALL SELECT name FROM tool_migrations WHERE tool_id = 'word-board'`,
      );
      expect(rows).to.deep.equal([]);
    } finally {
      await client.end();
    }
    // Asked after the tool is gone, so that whatever the platform had to say of it is said
    expect((await get('/api/tools/word-board/words')).status).to.equal(404);
    expect(log().slice(before.length)).to.not.match(/ENOENT|"level":"?(50|error)|could not be read/);
    expect((await withToken('gulp', 'scaffold:undo', '--tool-id=word-board')).code).to.equal(2);
  });
});
