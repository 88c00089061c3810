import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readImportGraph, type ImportGraph } from '../../../inspection/index.ts';

const FILES = {
  'package.json': JSON.stringify({ imports: { '#shared/*': './shared/*.ts' } }),
  'tools/demo/a.ts': `import express from 'express';
import type { Pool } from 'pg';
import { b } from './b.ts';
import { round } from '#shared/round';
import { readFile } from 'node:fs/promises';
export { other } from '../other/index.ts';
export const load = (name: string) => [express, b, round, readFile, import(name)] as const;
`,
  'tools/demo/b.ts': `import data from './data.json';
import { gone } from './gone.ts';
import { up } from '../../../outside.ts';
export const b = [data, gone, up];
`,
  'tools/demo/data.json': '{}',
  'tools/other/index.ts': `import secret from 'lodash';\nexport const other = secret;\n`,
  'shared/round.ts': `export * from './math.js';\n`,
  'shared/math.ts': `export const round = Math.round;\n`,
};

describe('the import graph', () => {
  let root: string;
  let graph: ImportGraph;

  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'graph-'));
    for (const [file, text] of Object.entries(FILES)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    graph = readImportGraph({
      root,
      own: Object.keys(FILES).filter((file) => file.startsWith('tools/demo/')),
      enter: (file) => !file.startsWith('tools/other/'),
    });
  });
  after(() => rmSync(root, { recursive: true }));

  it('resolves every form of import to its target', () => {
    const targets = graph.edges.map(({ file, line, kind, target }) => {
      const place = target.kind === 'file' ? target.path : target.kind === 'package' ? target.name : '';
      return `${file}:${line} ${kind} ${target.kind} ${place}`.trim();
    });
    expect(targets).to.deep.equal([
      'tools/demo/a.ts:1 import package express',
      'tools/demo/a.ts:2 type package pg',
      'tools/demo/a.ts:3 import file tools/demo/b.ts',
      'tools/demo/a.ts:4 import file shared/round.ts',
      'tools/demo/a.ts:5 import builtin',
      'tools/demo/a.ts:6 export file tools/other/index.ts',
      'tools/demo/b.ts:1 import file tools/demo/data.json',
      'tools/demo/b.ts:2 import unresolved',
      'tools/demo/b.ts:3 import outside',
      'shared/round.ts:1 export file shared/math.ts',
    ]);
  });

  it('carries the files that own files reach, and does not enter excluded ones', () => {
    expect(graph.carried).to.deep.equal(['shared/math.ts', 'shared/round.ts']);
    expect(graph.packages.map(({ name }) => name)).to.deep.equal(['express', 'pg']);
  });

  it('distinguishes packages that run from packages that only provide types', () => {
    expect(graph.packages).to.deep.equal([
      { name: 'express', runtime: true, files: ['tools/demo/a.ts'] },
      { name: 'pg', runtime: false, files: ['tools/demo/a.ts'] },
    ]);
  });

  it('lists imports whose path is computed, with the line', () => {
    expect(graph.computed).to.deep.equal([{ file: 'tools/demo/a.ts', line: 7, text: 'import(name)' }]);
  });
});
