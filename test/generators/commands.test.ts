import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { removeRepository, SOURCE } from './support/scratch-repository.ts';
import { generatorPlatform, scratchFolder } from './support/workspace.ts';

describe('commands of generator-platform', function () {
  this.timeout(600_000);
  let root: string;

  beforeEach(() => {
    root = scratchFolder();
    writeFileSync(
      path.join(root, 'package.json'),
      '{ "type": "module", "dependencies": { "generator-platform": "^1.0.0" } }',
    );
  });
  afterEach(() => removeRepository(root));

  /** A test of the tool crm. */
  const plant = (file: string, code: string): void => {
    const absolute = path.join(root, 'tools/crm/tests', file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, code);
  };

  it('names the nearest command to an unknown one, lists all commands, and exits with 2', async () => {
    const unknown = await generatorPlatform(root, ['tool:migarte']);
    expect([unknown.exitCode, unknown.stdout]).to.deep.equal([2, '']);
    expect(unknown.stderr).to.contain('Did you mean tool:migrate?');
    const missing = await generatorPlatform(root, []);
    const { exitCode, stdout } = await generatorPlatform(root, ['--help']);
    expect([missing.exitCode, exitCode]).to.deep.equal([2, 0]);
    for (const command of ['app', 'start', 'dev', 'token', 'tool:migrate', 'templates:check', 'test']) {
      expect(stdout).to.contain(`  ${command} `);
      expect(missing.stderr).to.contain(`  ${command} `);
    }
  });

  it('says how to make a workspace outside of one', async () => {
    rmSync(path.join(root, 'package.json'));
    const { exitCode, stderr } = await generatorPlatform(root, ['start']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('is not inside a workspace').and.to.contain('npx generator-platform app');
  });

  it('passes flags to the program of a command', async () => {
    const token = await generatorPlatform(root, ['token', '--scope=tools:write', '--subject=ci']);
    expect([token.exitCode, token.stderr]).to.deep.equal([0, '']);
    const claims = Buffer.from(token.stdout.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims)).to.include({ sub: 'ci' });
    const migrated = await generatorPlatform(root, ['tool:migrate', '--tool-id=none']);
    expect(migrated.exitCode).to.equal(3);
    expect(migrated.stderr).to.contain('tools/none/manifest.json does not exist');
  });

  it('test passes without tests, refuses unknown words and flags, and reports a failing test', async () => {
    symlinkSync(path.join(SOURCE, 'node_modules'), path.join(root, 'node_modules'));
    const none = await generatorPlatform(root, ['test']);
    expect([none.exitCode, none.stdout]).to.deep.equal([0, 'No tool has tests yet.\n']);
    expect((await generatorPlatform(root, ['test', 'crm'])).exitCode).to.equal(2);
    expect((await generatorPlatform(root, ['test', '--uint'])).exitCode).to.equal(2);
    plant('unit/one.test.ts', "it('adds numbers', () => { if (1 + 1 !== 3) throw new Error('wrong'); });");
    plant('integration/two.test.ts', "throw new Error('needs a database');");
    const failed = await generatorPlatform(root, ['test', '--unit']);
    expect(failed.exitCode).to.equal(1);
    expect(failed.stdout).to.contain('1 failing').and.not.to.contain('needs a database');
  });

  it('test gives integration tests a PostgreSQL of their own, and stops it', async () => {
    symlinkSync(path.join(SOURCE, 'node_modules'), path.join(root, 'node_modules'));
    plant(
      'integration/ask.test.ts',
      `import { writeFileSync } from 'node:fs';
       import pg from 'pg';
       it('asks the database', async () => {
         const connectionString = process.env['TEST_DATABASE_URL'];
         writeFileSync('url', connectionString);
         if (connectionString === 'postgresql://given') return;
         const client = new pg.Client({ connectionString });
         await client.connect();
         await client.query('SELECT 1');
         await client.end();
       });`,
    );
    const url = (): string => readFileSync(path.join(root, 'url'), 'utf8');
    const ran = await generatorPlatform(root, ['test'], { DATABASE_URL: '', TEST_DATABASE_URL: '' });
    expect(ran.exitCode, ran.stdout + ran.stderr).to.equal(0);
    const client = new pg.Client({ connectionString: url() });
    const failure = await client.connect().then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Error);
    expect(readdirSync(root)).not.to.include('.platform');
    const given = { DATABASE_URL: 'postgresql://given', TEST_DATABASE_URL: '' };
    expect((await generatorPlatform(root, ['test', 'crm'], given)).exitCode).to.equal(0);
    expect(url()).to.equal('postgresql://given');
  });
});
