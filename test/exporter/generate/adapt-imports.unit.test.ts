import { expect } from 'chai';
import { Project } from 'ts-morph';
import { adaptImports } from '../../../exporter/generate/adapt-imports.ts';
import { importsOf, type ImportEdge } from '../../../inspection/index.ts';

const FILE = 'tools/demo/backend/a.ts';
const TEXT = `import { b } from './b.ts';
import { c } from "../../../shared/c.ts";
import { d } from '#shared/d'; // './b.ts' in a comment stays
export * from '../frontend/types.js';
`;
const TARGETS: Readonly<Record<string, string>> = {
  './b.ts': 'tools/demo/backend/b.ts',
  '../../../shared/c.ts': 'shared/c.ts',
  '#shared/d': 'shared/d.ts',
  '../frontend/types.js': 'tools/demo/frontend/types.ts',
};

/** The backend moves to src/, shared code to src/shared/, and the frontend stays beside it. */
const place = (file: string): string =>
  file
    .replace('tools/demo/backend/', 'src/')
    .replace('tools/demo/', 'src/tool/')
    .replace(/^shared/, 'src/shared');

function edgesOf(text: string): readonly ImportEdge[] {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  return importsOf(project.createSourceFile(FILE, text)).uses.map((use) => ({
    ...use,
    file: FILE,
    target: { kind: 'file', path: TARGETS[use.specifier] ?? '' },
  }));
}

describe('adapting imports', () => {
  const adapt = (text: string, aliasHolds: boolean) =>
    adaptImports({ file: FILE, text, edges: edgesOf(text), place, aliasHolds: () => aliasHolds });

  it('rewrites only the specifiers that no longer resolve', () => {
    const { text, adapted } = adapt(TEXT, true);
    expect(text).to.equal(
      TEXT.replace('../../../shared/c.ts', './shared/c.ts').replace(
        '../frontend/types.js',
        './tool/frontend/types.ts',
      ),
    );
    expect(adapted.map(({ line, to }) => `${line} ${to}`)).to.deep.equal([
      '2 ./shared/c.ts',
      '4 ./tool/frontend/types.ts',
    ]);
  });

  it('replaces an alias that the exported app does not define', () => {
    expect(adapt(TEXT, false).text).to.include(`from './shared/d.ts'; // './b.ts' in a comment stays`);
  });

  it('returns a file whose imports all resolve byte for byte', () => {
    const text = `import { b } from './b.ts';\r\n\r\n`;
    expect(adapt(text, true)).to.deep.equal({ text, adapted: [] });
  });
});
