import { expect } from 'chai';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { takeFingerprint } from '../support/fingerprint.ts';
import { freePort, openLab, type Lab } from '../support/lab.ts';

describe('an export is refused, with exit code 3 and nothing changed,', function () {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const MANIFEST = 'tools/inventory-tracker/manifest.json';

  /** Runs an export that must be refused for `code`, and compares the state before and after. */
  async function refusedFor(
    code: string,
    ...args: string[]
  ): Promise<readonly { message: string; remedy: string }[]> {
    const before = await takeFingerprint(lab);
    const result = await lab.gulpJson('export', '--runtime=local', ...args);
    expect(result.code, JSON.stringify(result.report.findings)).to.equal(3);
    const errors = result.report.findings.filter((f) => f.severity === 'error');
    expect(errors.map((f) => f.code)).to.include(code);
    expect(await takeFingerprint(lab)).to.deep.equal(before);
    return errors;
  }

  it('refuses a tool that does not exist', async () => {
    const errors = await refusedFor('tool-not-found', '--tool-id=no-such-tool');
    expect(errors[0]?.remedy).to.contain('create-tool');
  });

  it('refuses an invalid manifest, naming each problem by its JSON pointer', async () => {
    const file = path.join(lab.root, MANIFEST);
    const text = await readFile(file, 'utf8');
    const manifest = JSON.parse(text) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...manifest, version: 'x', colour: 'red', status: 'done' }));
    const messages = (await refusedFor('manifest-invalid', '--tool-id=inventory-tracker')).map(
      (e) => e.message,
    );
    for (const pointer of ['/version', '/colour', '/status'])
      expect(
        messages.some((m) => m.startsWith(pointer)),
        pointer,
      ).to.equal(true);
    await writeFile(file, text);
  });

  it('refuses links out of the folder of the tool, by name', async () => {
    const links = { 'backend/secret.txt': '../../../.platform/secrets', 'database/passwd': '/etc/passwd' };
    for (const [name, target] of Object.entries(links))
      await symlink(target, path.join(lab.root, 'tools/inventory-tracker', name));
    const messages = (await refusedFor('code-link', '--tool-id=inventory-tracker', '--allow-dirty')).map(
      ({ message }) => message,
    );
    for (const name of Object.keys(links)) {
      expect(messages.join('\n')).to.include(
        `tools/inventory-tracker/${name} is a link out of the tool's folder`,
      );
      await rm(path.join(lab.root, 'tools/inventory-tracker', name));
    }
  });

  it('refuses tables of others and shared tables before it plans anything', async () => {
    const file = path.join(lab.root, MANIFEST);
    const text = await readFile(file, 'utf8');
    const manifest = JSON.parse(text) as { databaseSchema: { tables: string[] } };
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    await client.query(`CREATE TABLE by_hand (id int PRIMARY KEY); CREATE TABLE of_tasks (id int PRIMARY KEY);
      CREATE ROLE tool__tasks__owner; GRANT CREATE ON SCHEMA public TO tool__tasks__owner;
      ALTER TABLE of_tasks OWNER TO tool__tasks__owner`);
    const [items = '', ...others] = manifest.databaseSchema.tables;
    const shared = { name: items, sharedWith: ['tasks'] };
    const tables = [shared, ...others, 'by_hand', 'OF_TASKS'];
    await writeFile(file, JSON.stringify({ ...manifest, databaseSchema: { tables } }));
    const messages = (await refusedFor('table-foreign', '--tool-id=inventory-tracker')).map((e) => e.message);
    for (const part of [
      `"${items}" is shared with tasks`,
      '"by_hand" was created by no migration of inventory-tracker',
      '"OF_TASKS" belongs to the tool tasks',
    ])
      expect(
        messages.some((message) => message.includes(part)),
        `${part}: ${messages.join('\n')}`,
      ).to.equal(true);
    await writeFile(file, text);
    await client.query('DROP TABLE by_hand; DROP OWNED BY tool__tasks__owner; DROP ROLE tool__tasks__owner');
    await client.end();
  });

  it('refuses uncommitted changes; --allow-dirty accepts those in files that the export does not use', async () => {
    const stray = path.join(lab.root, 'notes.txt');
    await writeFile(stray, 'not committed');
    const errors = await refusedFor('git-dirty', '--tool-id=inventory-tracker');
    expect(errors[0]?.message).to.contain('notes.txt');
    const allowed = await lab.gulpJson(
      'export',
      '--runtime=local',
      '--tool-id=inventory-tracker',
      '--allow-dirty',
      '--dry-run',
    );
    expect(allowed.code, JSON.stringify(allowed.report.findings)).to.equal(0);
    const inside = path.join(lab.root, 'tools/inventory-tracker/notes.txt');
    await writeFile(inside, 'not committed');
    await refusedFor('git-dirty', '--tool-id=inventory-tracker', '--allow-dirty');
    await Promise.all([rm(stray), rm(inside)]);
  });

  it('refuses a port that is in use', async () => {
    const port = await freePort();
    const holder = createServer().listen(port, '127.0.0.1');
    await refusedFor('port-taken', '--tool-id=inventory-tracker', `--port=${port}`);
    holder.close();
  });

  it('refuses when the database is down', async () => {
    const port = await freePort();
    const env = { ...lab.env, DATABASE_URL: `postgresql://stranger:hunter2@127.0.0.1:${port}/none` };
    const result = await lab.run(
      'env',
      ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
      'gulp',
      'export',
      '--tool-id=inventory-tracker',
      '--silent',
    );
    expect(result.code, result.stdout + result.stderr).to.equal(3);
    expect(result.stdout + result.stderr)
      .to.contain('DATABASE_URL')
      .and.not.to.contain('hunter2');
  });

  it('refuses when the platform is not running', async () => {
    await lab.stopPlatform();
    await refusedFor('registry-unreachable', '--tool-id=inventory-tracker');
    await lab.startPlatform();
  });

  it('prints nothing about module loaders', async () => {
    const { stdout, stderr } = await lab.gulp('status', '--verbose');
    expect(stdout).to.contain('Using gulpfile');
    expect(stdout + stderr).not.to.match(/external module|loader/i);
  });

  it('refuses a wrong command line with exit code 2', async () => {
    for (const args of [
      ['export'],
      ['export', '--tool-id=x', '--dryrun'],
      ['exprot', '--tool-id=x'],
      ['export', '--tool-id=x', '--target=kubernetes'],
    ]) {
      const result = await lab.gulp(...args, '--silent');
      expect(result.code, args.join(' ') + result.stderr).to.equal(2);
      expect(result.stderr).not.to.equal('');
    }
  });
});
