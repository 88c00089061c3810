import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const git = (...args: string[]): string[] => execFileSync('git', args, { encoding: 'utf8' }).split('\n');

const TRACKED = git('ls-files').filter((file) => file !== '');
const ROOMS = new Set(TRACKED.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!));
const DOCUMENTS = TRACKED.filter((file) => /^([^/]+|docs\/.*)\.md$/.test(file));
/** The pages that show the way through the code; each name in them is of this repository. */
const MAPS = ['docs/architecture.md', 'CONTRIBUTING.md'];

const textOf = (file: string): string => readFileSync(file, 'utf8');
/** Inline code outside code blocks. */
const codeIn = (file: string): string[] =>
  [
    ...textOf(file)
      .replaceAll(/^```.*?^```/gms, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, code]) => code!);
const exists = (path: string): boolean =>
  TRACKED.includes(path) || TRACKED.some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));

/** The path that inline code names, if it is one of a room: no placeholder, and no generated file. */
const pathIn = (code: string): string[] =>
  /^[\w.-]+\/[\w./-]*$/.test(code) &&
  !/NNNN|\bID\b|\/generated\//.test(code) &&
  ROOMS.has(code.split('/')[0]!)
    ? [code]
    : [];

describe('documents', () => {
  it('documents link to files that exist', () => {
    const dead = DOCUMENTS.flatMap((file) =>
      [...textOf(file).matchAll(/\]\((?!https?:)([^)\s#]+)/g)]
        .filter(([, target]) => !existsSync(join(dirname(file), target!)))
        .map(([, target]) => `${file}: ${target}`),
    );
    expect(dead).to.deep.equal([]);
  });

  it('documents name files and folders of the repository that exist', () => {
    // a decision names the files of its time
    const current = DOCUMENTS.filter((file) => !/^(docs\/adr\/\d|CHANGELOG)/.test(file));
    const named = current.flatMap((file) =>
      codeIn(file)
        .flatMap(pathIn)
        .map((path) => ({ file, path })),
    );
    expect(named.length).to.be.greaterThan(100);
    expect(named.filter(({ path }) => !exists(path))).to.deep.equal([]);
  });

  it('documents name functions, types and constants that exist in the code', () => {
    const names = [
      ...new Set(
        MAPS.flatMap(codeIn).filter((code) =>
          /^([a-z]+([A-Z]\w*)+|[A-Z]\w*[a-z]\w*|[A-Z]+_[A-Z_]+)$/.test(code),
        ),
      ),
    ];
    expect(names.length).to.be.greaterThan(30);
    const found = new Set(
      git('grep', '-howF', ...names.flatMap((name) => ['-e', name]), '--', '*.ts', '*.js'),
    );
    expect(names.filter((name) => !found.has(name))).to.deep.equal([]);
  });

  it('documents call npm scripts and gulp tasks that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const tasks = ['exporter/index.ts', 'exporter/commands/index.ts', 'generators/commands/index.ts']
      .map(textOf)
      .join('');
    const callsIn = (pattern: RegExp): { file: string; name: string }[] =>
      DOCUMENTS.flatMap((file) =>
        [...textOf(file).matchAll(pattern)].map(([, name]) => ({ file, name: name! })),
      );
    const runs = callsIn(/\bnpm run (?:-s )?([\w:-]+)/g);
    const calls = callsIn(/\bnpx gulp ([a-z][\w:]*)/g);
    expect(Math.min(runs.length, calls.length)).to.be.greaterThan(20);
    expect(runs.filter(({ name }) => !(name in scripts))).to.deep.equal([]);
    expect(calls.filter(({ name }) => !tasks.includes(`'${name}'`))).to.deep.equal([]);
  });
});
