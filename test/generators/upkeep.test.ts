import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import type { CommandReport } from '../../contracts/job.ts';
import { readRecord, recordText } from '../../generators/tool/record.ts';
import { scaffoldTool } from './support/scaffold-tool.ts';
import { scratchFolder, writeWorkspace } from './support/workspace.ts';
import { removeRepository, scratchRepository, SOURCE, treeOf } from './support/scratch-repository.ts';

/** A case, its file, the summary in the report, and the resulting text. */
type Cell = readonly [
  name: string,
  file: string,
  summary?: string | undefined,
  text?: string | RegExp | undefined,
];

const ANSWERS = { id: 'crm', name: 'CRM', description: '', version: '1.0.0', status: 'beta' };

/** Runs a command in its own process in the repository, without a platform. */
async function runIn(root: string, name: 'update' | 'undo', args: readonly string[]): Promise<CommandReport> {
  const module = JSON.stringify(path.join(SOURCE, `generators/commands/${name}.ts`));
  const script = `import { ${name} } from ${module}; console.log(JSON.stringify(await ${name}(${JSON.stringify(args)})));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: root,
    env: { PLATFORM_PORT: '1' },
  });
  return JSON.parse(stdout) as CommandReport;
}

describe('maintenance of a scaffolded tool', function () {
  this.timeout(600_000);
  let root: string;

  beforeEach(async () => {
    root = scratchRepository();
    await scaffoldTool(root, ANSWERS);
  });
  afterEach(() => removeRepository(root));

  const tool = (file: string): string => path.join(root, 'tools/crm', file);
  const override = (template: string, change: (text: string) => string): void => {
    const file = path.join(root, 'templates.local/tool', template);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, change(readFileSync(path.join(SOURCE, 'templates/tool', template), 'utf8')));
  };
  const command = (name: 'update' | 'undo', ...args: string[]): Promise<CommandReport> =>
    runIn(root, name, args);

  it('reports an outdated tool, merges template changes, and is then up to date', async () => {
    expect((await command('update', '--check')).exitCode).to.equal(0);
    override('backend/services/sql-error.ts.ejs', (text) => `// New head.\n${text}`);
    override('frontend/services/api-problem.ts.ejs', (text) => `// New head.\n${text}`);
    override('database/seeds/seed-data.sql.ejs', (text) => `-- New head.\n${text}`);
    appendFileSync(tool('backend/services/sql-error.ts'), '// mine\n');
    rmSync(tool('frontend/services/api-problem.ts'));
    const before = treeOf(root, 'tools');
    expect((await command('update', '--check')).exitCode).to.equal(2);
    const { diff } = (await command('update', '--dry-run')).result as { diff: string };
    expect(treeOf(root, 'tools')).to.deep.equal(before);
    const report = await command('update');
    expect(report.exitCode).to.equal(0);
    const merged = readFileSync(tool('backend/services/sql-error.ts'), 'utf8');
    expect(merged).to.match(/^\/\/ New head\.\n[^]*\/\/ mine\n$/);
    expect(diff).to.contain('+// New head.');
    expect(treeOf(root, 'tools/crm')).to.not.have.property('frontend/services/api-problem.ts');
    expect(treeOf(root, 'tools/crm')['database/seeds/crm-seed-data.sql']).to.not.contain('New head');
    expect((await command('update', '--check')).exitCode).to.equal(0);
    expect((await command('update')).changes).to.deep.equal([]);
  });

  it('handles every cell of {untouched, edited, deleted} x {same, changed, deleted, added}', async () => {
    removeRepository(path.join(root, 'tools/crm'));
    const resources = ['ann', 'bob', 'cid'].map((name) => ({
      name,
      fields: [{ name: 'title', type: 'string' }],
    }));
    await scaffoldTool(root, { ...ANSWERS, resources });
    const made = treeOf(root, 'tools/crm');
    const record = readRecord(root, 'crm');
    if (record === null) throw new Error('no record');
    const file = (folder: string, name: string): string =>
      `backend/${folder}/${name}.${folder === 'types' ? folder : folder.slice(0, -1)}.ts`;
    // The output of older templates: with one more kind of file, and without another
    const gone = ['ann', 'bob', 'cid'].map((name) => ({ path: file('olds', name), content: 'old\n' }));
    const base = [...record.base.filter(({ path }) => !path.startsWith('backend/types/')), ...gone];
    writeFileSync(tool('.scaffold.json'), await recordText({ ...record, base }, root));
    override('backend/services/resource.service.ts.ejs', (text) => `// New head.\n${text}`);
    mkdirSync(tool('backend/olds'));
    for (const { path: old, content } of gone) writeFileSync(tool(old), content);
    for (const folder of ['controllers', 'services', 'olds', 'types']) {
      appendFileSync(tool(file(folder, 'bob')), '// mine\n');
      rmSync(tool(file(folder, 'cid')));
    }
    const report = await command('update');
    expect(report.exitCode).to.equal(5);
    const summaries = Object.fromEntries(
      report.changes.map(({ target, summary }) => [target.slice('tools/crm/'.length), summary]),
    );
    const now = treeOf(root, 'tools/crm');
    const [ann, bob, cid] = [0, 1, 2].map((i) => ['ann', 'bob', 'cid'][i] ?? '') as [string, string, string];
    const text = (folder: string, name: string): string | undefined => made[file(folder, name)];
    const edited = (folder: string, name: string): string => `${text(folder, name) ?? ''}// mine\n`;
    const head = '// New head.\n';
    const kept = 'kept, although its template has changed';
    const conflict = /<<<<<<< yours\n[^]*\/\/ mine\n=======\n[^]*>>>>>>> template\n/;
    const cells: readonly Cell[] = [
      ['untouched, same', file('controllers', ann), undefined, text('controllers', ann)],
      ['edited, same', file('controllers', bob), undefined, edited('controllers', bob)],
      ['deleted, same', file('controllers', cid), undefined, undefined],
      ['untouched, changed', file('services', ann), 'updated', `${head}${text('services', ann) ?? ''}`],
      [
        'edited, changed',
        file('services', bob),
        'merged with your changes',
        `${head}${edited('services', bob)}`,
      ],
      ['deleted, changed', file('services', cid), kept, undefined],
      ['untouched, deleted', file('olds', ann), 'removed with its template', undefined],
      ['edited, deleted', file('olds', bob), kept, 'old\n// mine\n'],
      ['deleted, deleted', file('olds', cid), undefined, undefined],
      ['there already, added', file('types', ann), undefined, text('types', ann)],
      ['another one there, added', file('types', bob), 'conflicts marked in the file', conflict],
      ['not there, added', file('types', cid), 'added', text('types', cid)],
    ];
    for (const [cell, path, summary, content] of cells) {
      expect(summaries[path], cell).to.equal(summary);
      if (content instanceof RegExp) expect(now[path], cell).to.match(content);
      else expect(now[path], cell).to.equal(content);
    }
    expect((await command('update', '--check')).exitCode).to.equal(0);
  });

  it('marks a conflict like git, lists the file, and exits with 5', async () => {
    const file = tool('backend/services/sql-error.ts');
    override('backend/services/sql-error.ts.ejs', (text) => text.replace("'23505'", "'23505' as string"));
    writeFileSync(file, readFileSync(file, 'utf8').replace("'23505'", "'99999'"));
    const report = await command('update', '--tool-id=crm');
    expect([report.exitCode, report.findings.map((f) => f.file)]).to.deep.equal([
      5,
      ['tools/crm/backend/services/sql-error.ts'],
    ]);
    expect(readFileSync(file, 'utf8')).to.match(
      /<<<<<<< yours\n.*99999.*\n=======\n.*as string.*\n>>>>>>> template\n/,
    );
  });

  it('undoes a scaffold, but keeps and lists files that were edited or added since', async () => {
    appendFileSync(tool('backend/index.ts'), '// mine\n');
    writeFileSync(tool('notes.txt'), 'mine');
    const report = await command('undo', '--tool-id=crm');
    expect(report.findings.map((f) => f.file)).to.deep.equal([
      'tools/crm/backend/index.ts',
      'tools/crm/notes.txt',
    ]);
    expect(Object.keys(treeOf(root, 'tools/crm'))).to.deep.equal([
      '.scaffold.json',
      'backend/index.ts',
      'notes.txt',
    ]);
    await command('undo', '--tool-id=crm', '--force');
    expect(treeOf(root, 'tools')).to.deep.equal({});
  });
});

describe('maintenance of a workspace', function () {
  this.timeout(600_000);
  let root: string;

  beforeEach(async () => {
    root = scratchFolder();
    await writeWorkspace(root);
  });
  afterEach(() => removeRepository(root));

  const inRoot = (file: string): string => path.join(root, file);
  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(inRoot(file), change(readFileSync(inRoot(file), 'utf8')));
  /** A newer template. */
  const override = (template: string, change: (text: string) => string): void => {
    const file = inRoot(`templates.local/workspace/${template}`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, change(readFileSync(path.join(SOURCE, 'templates/workspace', template), 'utf8')));
  };
  const update = (...args: string[]): Promise<CommandReport> => runIn(root, 'update', args);
  const summaries = (report: CommandReport): Record<string, string> =>
    Object.fromEntries(report.changes.map(({ target, summary }) => [target, summary]));

  it("merges template changes into the workspace's own files, keeps edits, and is then up to date", async () => {
    expect((await update('--check')).exitCode).to.equal(0);
    override('gitignore', (text) => `*.tmp\n${text}`);
    override('tsconfig.json', (text) => text.replace('"es2024"', '"es2025"'));
    override('package.json.ejs', (text) => text.replace('"gulp": "gulp"', '"gulp": "gulp --series"'));
    edit('.gitignore', (text) => `${text}ours/\n`);
    edit('package.json', (text) => text.replace('"dev":', '"deploy": "ours",\n    "dev":'));
    rmSync(inRoot('tools/.gitkeep'));
    const before = treeOf(root, '.');
    const check = await update('--check');
    expect([check.exitCode, check.findings.map(({ message }) => message)]).to.deep.equal([
      2,
      ['The workspace is outdated: its templates have changed'],
    ]);
    expect(check.findings[0]?.remedy).to.equal('npx gulp scaffold:update');
    const { diff } = (await update('--dry-run')).result as { diff: string };
    expect(treeOf(root, '.')).to.deep.equal(before);
    const report = await update();
    expect([report.exitCode, summaries(report)]).to.deep.equal([
      0,
      {
        '.gitignore': 'merged with your changes',
        'package.json': 'merged with your changes. Run: npm install',
        'tsconfig.json': 'updated',
      },
    ]);
    expect(readFileSync(inRoot('.gitignore'), 'utf8')).to.match(/^\*\.tmp\n[^]*\nours\/\n$/);
    const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { scripts: object };
    expect(scripts).to.include({ deploy: 'ours', gulp: 'gulp --series' });
    expect(diff).to.contain('+*.tmp').and.to.contain('gulp --series');
    expect((await update('--check')).exitCode).to.equal(0);
    expect((await update()).changes).to.deep.equal([]);
  });

  it('keeps the value of the team where both changed package.json, names both, and exits with 5', async () => {
    override('package.json.ejs', (text) => text.replace('"eslint ."', '"eslint tools"'));
    edit('package.json', (text) => text.replace('"eslint ."', '"eslint --cache ."'));
    const edited = readFileSync(inRoot('package.json'), 'utf8');
    const report = await update();
    expect([report.exitCode, report.findings.map(({ message }) => message)]).to.deep.equal([
      5,
      ['package.json /scripts/check:lint: your "eslint --cache ." is kept; the template has "eslint tools"'],
    ]);
    expect(readFileSync(inRoot('package.json'), 'utf8')).to.equal(edited);
    expect((await update('--check')).exitCode).to.equal(0);
  });

  it('keeps the version of the platform that npm has installed since', async () => {
    edit('package.json', (text) =>
      text.replace('"generator-platform": "^1.0.0"', '"generator-platform": "^2.0.0"'),
    );
    override('package.json.ejs', (text) => text.replace('"eslint ."', '"eslint tools"'));
    expect((await update()).exitCode).to.equal(0);
    expect(readFileSync(inRoot('package.json'), 'utf8')).to.contain('"generator-platform": "^2.0.0"');
  });

  it('says how to restore a record with conflict markers', async () => {
    edit('.scaffold.json', (text) => `<<<<<<< ours\n${text}`);
    expect(await update().catch(String))
      .to.contain('.scaffold.json cannot be read')
      .and.to.contain('git checkout COMMIT -- .scaffold.json');
  });

  it('leaves the files of the workspace out when one tool is named', async () => {
    await scaffoldTool(root, ANSWERS);
    override('gitignore', (text) => `*.tmp\n${text}`);
    expect((await update('--check', '--tool-id=crm')).exitCode).to.equal(0);
    expect((await update('--tool-id=crm')).changes).to.deep.equal([]);
    expect((await update('--check')).exitCode).to.equal(2);
  });
});
