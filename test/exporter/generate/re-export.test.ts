import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parseToolId } from '../../../contracts/ids.ts';
import { namesOf } from '../../../contracts/naming.ts';
import { createFilesPort } from '../../../exporter/adapters/files/files.ts';
import { planStep } from '../../../exporter/core/step.ts';
import type { BackendFacts } from '../../../exporter/steps/backend/facts.ts';
import type { Ports, RunResult } from '../../../exporter/core/ports.ts';
import { backendStep } from '../../../exporter/steps/backend/index.ts';
import {
  RECORDED_FILE,
  recordContract,
  type RecordContract,
} from '../../../exporter/steps/backend/operations/record-contract.ts';
import { emptyFolder, factsOf, scratchRepository, writeTree } from './service/exported-service.ts';

const TOOL = 'inventory-tracker';
const APP = `apps/${TOOL}-api`;

describe('exporting over the output of an earlier export', function () {
  const exported = scratchRepository([TOOL]);
  let root: string;
  const git = (...args: string[]): unknown => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });
  const inRoot = (file: string): string => path.join(root, file);
  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(inRoot(file), change(readFileSync(inRoot(file), 'utf8')));
  const commit = (): void => {
    git('add', '-A');
    git('-c', 'user.name=T', '-c', 'user.email=t@t', 'commit', '-qm', 'x');
  };

  before(async () => {
    root = exported;
    git('init', '-q');
    commit();
    writeTree(inRoot(APP), (await factsOf(TOOL, { root })).files);
    commit();
  });
  after(() => rmSync(exported, { recursive: true }));
  beforeEach(() => {
    root = emptyFolder();
    cpSync(exported, root, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('generates the same bytes in every clone and carries the tool’s files unchanged', async () => {
    const [here, there] = await Promise.all([factsOf(TOOL), factsOf(TOOL, { root })]);
    expect(there.files).to.deep.equal(here.files);
    for (const file of ['services/inventory.service.ts', 'index.ts'])
      expect(here.files[`src/${file}`]).to.equal(readFileSync(`tools/${TOOL}/backend/${file}`, 'utf8'));
  });

  it('replaces unedited output', async () => {
    const { findings, before, files } = await factsOf(TOOL, { root });
    expect(findings).to.deep.equal([]);
    expect(before?.files).to.deep.equal(files);
  });

  it('refuses manually edited output and lists the files', async () => {
    edit(`${APP}/src/host/app.ts`, (text) => `${text}// mine\n`);
    rmSync(inRoot(`${APP}/Dockerfile`));
    writeFileSync(inRoot(`${APP}/NOTES.md`), 'mine\n');
    const { findings, before } = await factsOf(TOOL, { root });
    expect(findings.map(({ code, file }) => `${code} ${file}`)).to.deep.equal([
      `output-edited ${APP}/Dockerfile`,
      `output-edited ${APP}/NOTES.md`,
      `output-edited ${APP}/src/host/app.ts`,
    ]);
    expect(before).to.equal(null);
  });

  it('refuses a folder that no export created', async () => {
    rmSync(inRoot(`${APP}/.export.json`));
    const { findings } = await factsOf(TOOL, { root });
    expect(findings.map(({ code }) => code)).to.deep.equal(['target-exists']);
  });

  it('merges manual edits with new output under --keep-edits', async () => {
    const service = 'services/inventory.service.ts';
    edit(`${APP}/src/${service}`, (text) => `// mine\n${text}`);
    edit(`${APP}/README.md`, (text) => `${text}\nOur own notes.\n`);
    rmSync(inRoot(`${APP}/Dockerfile`));
    writeFileSync(inRoot(`${APP}/NOTES.md`), 'mine\n');
    commit();
    edit(`tools/${TOOL}/backend/${service}`, (text) => `${text}// new\n`);
    const { findings, files, before } = await factsOf(TOOL, { root, keepEdits: true });
    expect(findings).to.deep.equal([]);
    expect(files[`src/${service}`]).to.match(/^\/\/ mine\n[\s\S]*\/\/ new\n$/);
    expect(files['README.md']).to.include('Our own notes.');
    expect(files['NOTES.md']).to.equal('mine\n');
    expect(files).not.to.have.property('Dockerfile');
    expect(before?.files).to.have.property('NOTES.md');
    // The next export still detects the edits
    writeTree(inRoot(APP), files);
    expect((await factsOf(TOOL, { root })).findings.map(({ code }) => code)).to.include('output-edited');
    // No commit contains the merge base, but .export.json does
    edit(`tools/${TOOL}/backend/${service}`, (text) => `${text}// newer\n`);
    const again = await factsOf(TOOL, { root, keepEdits: true });
    expect(again.findings).to.deep.equal([]);
    expect(again.files[`src/${service}`]).to.match(/^\/\/ mine\n[\s\S]*\/\/ new\n\/\/ newer\n$/);
  });

  describe('with recorded responses in the README', () => {
    /** Exports as the step does, with a recorder whose recorded response contains `name`. */
    async function exportAgain(name: string): Promise<void> {
      const facts = await factsOf(TOOL, { root, keepEdits: true });
      expect(facts.findings).to.deep.equal([]);
      rmSync(inRoot(APP), { recursive: true });
      writeTree(inRoot(APP), facts.files);
      const manifest = { id: TOOL } as BackendFacts['manifest'];
      const names = namesOf(parseToolId(TOOL));
      const plan = planStep(backendStep, { manifest, backend: facts, names } as BackendFacts);
      const answer = { status: 200, body: { data: [{ name }], total: 1 } };
      const request = { as: 'caller', method: 'GET', path: '/items' };
      const run = (_node: string, args: readonly string[]): Promise<RunResult> => {
        if (!args.includes('--replay-only'))
          writeTree(inRoot(APP), {
            [RECORDED_FILE]: `${JSON.stringify({ calls: [{ request, answer }] })}\n`,
          });
        return Promise.resolve({ exitCode: 0, output: '' });
      };
      await recordContract.run(
        plan.find((change): change is RecordContract => change.kind === 'record-contract')!,
        {
          root,
          files: createFilesPort(root, inRoot('.platform')),
          processes: { node: 'node', run },
          remember: () => undefined,
          isolation: { within: (_folder: string, work: (copy: string) => unknown) => work('/copy') },
          report: { log: () => undefined, gate: () => undefined },
        } as unknown as Ports,
      );
      commit();
    }
    const readme = (): string => readFileSync(inRoot(`${APP}/README.md`), 'utf8');

    it('shows the latest recorded response after every export, beside manual edits', async () => {
      await exportAgain('first');
      edit(`${APP}/README.md`, (text) => `${text}\nOur own notes.\n`);
      commit();
      for (const name of ['second', 'third']) {
        await exportAgain(name);
        expect(readme()).to.include(`"name": "${name}"`).and.include('Our own notes.');
        expect(readme().match(/"name": "(first|second|third)"/g)).to.have.length(1);
      }
    });

    it('shows a manually edited recording, and does not restore a deleted README', async () => {
      await exportAgain('first');
      edit(`${APP}/${RECORDED_FILE}`, (text) => text.replace('first', 'mine'));
      commit();
      await exportAgain('second');
      expect(readme()).to.include('"name": "mine"');
      rmSync(inRoot(`${APP}/README.md`));
      commit();
      await exportAgain('third');
      expect(existsSync(inRoot(`${APP}/README.md`))).to.equal(false);
      const { findings } = await factsOf(TOOL, { root });
      expect(findings.map(({ file }) => file)).to.deep.equal([`${APP}/README.md`, `${APP}/${RECORDED_FILE}`]);
    });
  });

  it('reports the line where a manual edit conflicts with the export', async () => {
    const file = 'services/inventory.service.ts';
    const first = /^.*\n/;
    edit(`${APP}/src/${file}`, (text) => text.replace(first, '// mine\n'));
    commit();
    edit(`tools/${TOOL}/backend/${file}`, (text) => text.replace(first, '// new\n'));
    const { findings, before } = await factsOf(TOOL, { root, keepEdits: true });
    expect(findings).to.have.length(1);
    expect(findings[0]).to.include({ code: 'output-edited', file: `${APP}/src/${file}`, line: 1 });
    expect(before).to.equal(null);
  });
});
