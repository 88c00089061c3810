import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBuildsPort } from '../../../exporter/adapters/files/kept-builds.ts';
import { createFilesPort } from '../../../exporter/adapters/files/files.ts';
import { lintOfRepository, type ToolCode } from '../../../exporter/core/lint-of-repository.ts';
import type { Ports, RunResult } from '../../../exporter/core/ports.ts';

const CODE: ToolCode = { toolId: 'crm', folders: ['backend', 'tests'], imported: 'a checksum' };

describe("lint by the repository's rules", () => {
  let root: string;
  let ports: Pick<Ports, 'processes' | 'root' | 'files' | 'builds'>;
  let linted: (readonly string[])[];
  let result: RunResult;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'lint-'));
    linted = [];
    result = { exitCode: 0, output: '' };
    const run = (_program: string, args: readonly string[]): Promise<RunResult> => {
      linted.push(args.filter((arg) => arg.startsWith('tools/')));
      return Promise.resolve(result);
    };
    ports = {
      root,
      files: createFilesPort(root, path.join(root, '.platform')),
      processes: { node: 'node', run } as Partial<Ports['processes']> as Ports['processes'],
      builds: createBuildsPort({ root, kept: path.join(root, 'kept'), scratch: path.join(root, 'tmp') }),
    };
    await ports.files.writeText('eslint.config.js', 'export default [];\n');
    await ports.files.writeText('tools/crm/backend/index.ts', 'export const one = 1;\n');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('lints a tool once for all exports of the same code', async () => {
    for (let i = 0; i < 3; i++) expect(await lintOfRepository(CODE, ports)).to.include({ exitCode: 0 });
    expect(linted).to.deep.equal([['tools/crm/backend', 'tools/crm/tests']]);
    await lintOfRepository({ ...CODE, folders: ['frontend'] }, ports);
    expect(linted).to.have.length(2);
  });

  it('lints again when the tool, the code that it imports, or the rules have changed', async () => {
    await lintOfRepository(CODE, ports);
    const { files } = ports;
    for (const file of [
      'tools/crm/tests/a.test.ts',
      'eslint.config.js',
      'tsconfig.json',
      'package-lock.json',
    ]) {
      await files.writeText(file, '\n');
      await lintOfRepository(CODE, ports);
      await lintOfRepository(CODE, ports);
    }
    await lintOfRepository({ ...CODE, imported: 'another' }, ports);
    expect(linted).to.have.length(6);
  });

  it('returns the findings of the same code each time', async () => {
    result = { exitCode: 1, output: 'no-var' };
    for (let i = 0; i < 2; i++) expect(await lintOfRepository(CODE, ports)).to.deep.equal(result);
    expect(linted).to.have.length(2);
  });

  it('lints each time without kept builds, and never without rules', async () => {
    const { root, files, processes } = ports;
    for (let i = 0; i < 2; i++) await lintOfRepository(CODE, { root, files, processes });
    expect(linted).to.have.length(2);
    await files.remove('eslint.config.js');
    expect(await lintOfRepository(CODE, ports)).to.equal(null);
    expect(linted).to.have.length(2);
  });
});
