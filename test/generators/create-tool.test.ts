import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { scaffoldTool } from './support/scaffold-tool.ts';
import { createRegistryClient } from '../../registry-api/client.ts';
import { openRegistry } from './support/open-registry.ts';
import { createTool, removeRepository, scratchRepository, treeOf } from './support/scratch-repository.ts';

const ANSWERS = { id: 'task-manager', name: '007', description: 'd', version: '1.10.0', status: 'beta' };
const FLAGS = ['--name=007', '--description=d', '--tool-version=1.10.0', '--status=beta'];

describe('create-tool', function () {
  this.timeout(600_000);
  let root: string;

  beforeEach(() => {
    root = scratchRepository();
  });
  afterEach(() => removeRepository(root));

  it('creates the same files from flags, from --answers and without a process', async () => {
    await createTool(root, ['task-manager', ...FLAGS, '--no-register']);
    const flags = treeOf(root, 'tools/task-manager');
    removeRepository(path.join(root, 'tools/task-manager'));
    writeFileSync(path.join(root, 'answers.json'), JSON.stringify(ANSWERS));
    await createTool(root, ['--answers=answers.json', '--no-register']);
    expect(treeOf(root, 'tools/task-manager')).to.deep.equal(flags);
    removeRepository(path.join(root, 'tools/task-manager'));
    await scaffoldTool(root, ANSWERS);
    expect(treeOf(root, 'tools/task-manager')).to.deep.equal(flags);
    expect(flags['manifest.json']).to.contain('"name": "007"');
    expect(Object.keys(flags)).to.include.members([
      'backend/controllers/task.controller.ts',
      'backend/services/task.service.ts',
      'backend/repositories/task.repository.ts',
      'backend/validators/task.validator.ts',
      'frontend/components/task-list.component.ts',
      'frontend/components/task-form.component.ts',
      'frontend/services/task-api.service.ts',
      'database/migrations/001-create-task-tables.sql',
      'database/seeds/task-seed-data.sql',
    ]);
  });

  it('names every missing answer and does not prompt without a terminal', async () => {
    const { exitCode, stderr } = await createTool(root, ['crm']);
    expect(exitCode).to.equal(2);
    for (const flag of ['--name', '--description', '--tool-version', '--status'])
      expect(stderr).to.contain(flag);
    expect(treeOf(root, 'tools')).to.deep.equal({});
    expect((await createTool(root, ['crm', '--stauts=beta'])).stderr).to.contain('Did you mean --status?');
  });

  it('prints a dry run that git apply turns into the same files, and writes nothing', async () => {
    const args = ['crm', '--yes', '--resource=deal:title:string,value:numeric', '--no-register'];
    const dry = await createTool(root, [...args, '--dry-run']);
    expect(dry.exitCode).to.equal(0);
    expect(treeOf(root, 'tools')).to.deep.equal({});
    await execa('git', ['init', '-q'], { cwd: root });
    await execa('git', ['apply', '-'], { cwd: root, input: dry.stdout });
    const applied = treeOf(root, 'tools');
    removeRepository(path.join(root, 'tools/crm'));
    await createTool(root, args);
    expect(treeOf(root, 'tools')).to.deep.equal(applied);
    // A second dry run over an edited tool prints the diff to it.
    const file = path.join(root, 'tools/crm/backend/index.ts');
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, `${written}// mine`);
    const back = await createTool(root, [...args, '--dry-run', '--force']);
    await execa('git', ['apply', '-'], { cwd: root, input: back.stdout });
    expect(readFileSync(file, 'utf8')).to.equal(written);
  });

  it('writes nothing the second time, and overwrites an edited file only with --force', async () => {
    const args = ['crm', '--yes', '--no-register'];
    await createTool(root, args);
    const file = path.join(root, 'tools/crm/backend/index.ts');
    const before = statSync(file).mtimeMs;
    const again = await createTool(root, args);
    expect(again.exitCode).to.equal(0);
    expect(again.stdout).to.contain('nothing was written');
    expect(statSync(file).mtimeMs).to.equal(before);
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, `${written}// mine\n`);
    const refused = await createTool(root, args);
    expect(refused.exitCode).to.equal(3);
    expect(refused.stderr).to.contain('tools/crm/backend/index.ts');
    expect(readFileSync(file, 'utf8')).to.contain('// mine');
    await createTool(root, [...args, '--force']);
    expect(readFileSync(file, 'utf8')).to.equal(written);
  });

  it('refuses a folder or a table that belongs to another tool', async () => {
    mkdirSync(path.join(root, 'tools/legacy'));
    writeFileSync(
      path.join(root, 'tools/legacy/manifest.json'),
      '{"databaseSchema":{"tables":["crm_deals"]}}',
    );
    const folder = await createTool(root, ['legacy', '--yes', '--no-register']);
    expect([folder.exitCode, folder.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 3 && text.includes('was not created by this generator'),
    );
    const table = await createTool(root, ['crm', '--yes', '--resource=deal', '--no-register']);
    expect(table.exitCode).to.equal(3);
    expect(table.stderr).to.contain('crm_deals').and.to.contain('tools/legacy');
    expect(treeOf(root, 'tools/crm')).to.deep.equal({});
  });

  it('names a broken override with file and line before anything is written', async () => {
    mkdirSync(path.join(root, 'templates.local/tool/backend'), { recursive: true });
    writeFileSync(path.join(root, 'templates.local/tool/backend/index.ts.ejs'), 'fine\n<%= nope %>\n');
    const { exitCode, stderr } = await createTool(root, ['crm', '--yes', '--no-register']);
    expect(exitCode).to.equal(3);
    expect(stderr).to.contain('templates.local/tool/backend/index.ts.ejs:2: nope is not defined');
    expect(treeOf(root, 'tools')).to.deep.equal({});
  });

  it('keeps the files when the registry is down, explains how to register later, and exits with 5', async () => {
    const { exitCode, stderr } = await createTool(root, ['crm', '--yes'], {
      PLATFORM_PORT: String(await closedPort()),
    });
    expect(exitCode).to.equal(5);
    expect(stderr).to.contain('npx gulp register --tool-id=crm').and.to.contain('npm start');
    expect(treeOf(root, 'tools/crm')).to.include.keys('manifest.json');
  });

  it('registers a new tool, accepts a registered one, and updates a changed one', async () => {
    const registry = await openRegistry(root);
    try {
      const env = { PLATFORM_PORT: String(registry.port) };
      const first = await createTool(root, ['crm', '--yes'], env);
      expect([first.exitCode, first.stdout]).to.satisfy(
        ([code, text]: [number, string]) => code === 0 && text.includes('✅ Tool registered with ID: crm'),
      );
      expect(first.stdout)
        .to.contain(`Next steps:\n   Open http://127.0.0.1:${registry.port}/tools/crm\n`)
        .and.not.to.contain('npm start');
      const client = createRegistryClient({ baseUrl: `http://127.0.0.1:${registry.port}` });
      const { tool } = await client.get('crm');
      expect(tool).to.deep.include({
        name: 'Crm',
        status: 'alpha',
        databaseSchema: { tables: ['crm_crms'] },
      });
      expect((await createTool(root, ['crm', '--yes'], env)).exitCode).to.equal(0);
      expect((await client.get('crm')).tool.updatedAt).to.equal(tool.updatedAt);
      expect((await createTool(root, ['crm', '--yes', '--status=beta', '--force'], env)).exitCode).to.equal(
        0,
      );
      expect((await client.get('crm')).tool.status).to.equal('beta');
    } finally {
      await registry.close();
    }
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
