import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import type { CommandReport } from '../../contracts/job.ts';
import { planAddition, writeAddition, type Kind } from '../../generators/add/index.ts';
import { scaffoldTool } from './support/scaffold-tool.ts';
import { planScaffold, conflictsOf } from '../../generators/tool/scaffold.ts';
import { parseAnswers } from '../../generators/tool/answers.ts';
import { planUpdate } from '../../generators/update/plan-update.ts';
import { unifiedDiff } from '../../generators/write/unified-diff.ts';
import { writeAll } from '../../generators/write/journal.ts';
import { removeRepository, scratchRepository, SOURCE, treeOf } from './support/scratch-repository.ts';

const ANSWERS = { id: 'crm', name: 'CRM', description: '', version: '1.0.0', status: 'beta' } as const;

const isCrLf = (text: string): boolean => text.includes('\r\n') && !/(^|[^\r])\n/.test(text);

/** Kinds that edit files of every sort, with what to add. */
const ADDITIONS: readonly (readonly [kind: Kind, name: string])[] = [
  ['controller', 'stats'],
  ['component', 'panel'],
  ['migration', 'add-notes'],
  ['resource', 'deal:title:string'],
];

describe('a tool whose files end their lines with CRLF', function () {
  this.timeout(120_000);
  let root: string;
  beforeEach(async () => {
    root = scratchRepository();
    await scaffoldTool(root, ANSWERS);
    for (const [file, text] of Object.entries(treeOf(root, 'tools')))
      writeFileSync(path.join(root, 'tools', file), text.replaceAll('\n', '\r\n'));
  });
  afterEach(() => removeRepository(root));

  const override = (template: string, change: (text: string) => string): void => {
    const file = path.join(root, 'templates.local/tool', template);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, change(readFileSync(path.join(SOURCE, 'templates/tool', template), 'utf8')));
  };

  it('keeps them through every addition, and changes only the lines that it must', async () => {
    for (const [kind, name] of ADDITIONS) {
      const before = treeOf(root, 'tools');
      const addition = await planAddition({ root, toolId: 'crm', kind, name });
      const removed = unifiedDiff(addition.changes.filter(({ path: file }) => !file.endsWith('.json')))
        .split('\n')
        .filter((line) => /^-(?!--)/.test(line));
      expect(removed.length, `${kind}: ${removed.join('')}`).to.be.below(12);
      writeAddition(root, addition);
      const after = treeOf(root, 'tools');
      expect(Object.keys(after).length).to.be.above(Object.keys(before).length);
      for (const [file, text] of Object.entries(after))
        expect(isCrLf(text), `${kind}: ${file}`).to.equal(true);
    }
  });

  it('takes changes of templates, and merges them with edits', async () => {
    expect((await planUpdate(root, 'crm'))?.files).to.deep.equal([]);
    override('backend/services/sql-error.ts.ejs', (text) => `// New head.\r\n${text}`);
    appendFileSync(path.join(root, 'tools/crm/backend/services/sql-error.ts'), '// mine\r\n');
    const update = await planUpdate(root, 'crm');
    expect(update?.files).to.deep.equal([
      { path: 'tools/crm/backend/services/sql-error.ts', outcome: 'merged' },
    ]);
    writeAll(root, update?.changes ?? []);
    const text = readFileSync(path.join(root, 'tools/crm/backend/services/sql-error.ts'), 'utf8');
    expect(text).to.match(/^\/\/ New head\.\r\n[^]*\/\/ mine\r\n$/);
    expect(isCrLf(text)).to.equal(true);
  });

  it('a tool with CRLF is up to date with its answers, and has no edits', async () => {
    const scaffold = await planScaffold(parseAnswers({ ...ANSWERS }), root, { force: false });
    expect(conflictsOf(scaffold)).to.deep.equal([]);
    expect(unifiedDiff(scaffold.files)).to.equal('');
  });

  it('undoes the scaffold of a tool with CRLF without --force', async () => {
    const module = JSON.stringify(path.join(SOURCE, 'generators/commands/undo.ts'));
    const script = `import { undo } from ${module}; console.log(JSON.stringify(await undo(['--tool-id=crm', '--dry-run'])));`;
    const args = ['--input-type=module-typescript', '-e', script];
    const { stdout } = await execa(process.execPath, args, { cwd: root, env: { PLATFORM_PORT: '1' } });
    expect((JSON.parse(stdout) as CommandReport).findings).to.deep.equal([]);
  });
});
