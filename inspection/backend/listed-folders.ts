import path from 'node:path';
import { SyntaxKind } from 'ts-morph';
import type { ImportGraph } from '../source/import-graph.ts';
import { lastName } from '../source/definition.ts';
import { evaluatePath } from '../source/paths.ts';
import { nodesOfKind } from '../source/nodes.ts';

/** Calls whose result depends on all files of a folder. */
const LISTS = /^(readdir|opendir|glob)(Sync)?$|^static$/;

/** A file without these words needs no walk through its tree. */
const MENTIONS = /readdir|opendir|glob|static/;

/** Folders of the repository whose files running code lists or serves. */
export function listedFolders(graph: ImportGraph, running: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  for (const [file, source] of graph.sources) {
    if (!running.has(file) || !MENTIONS.test(source.getFullText())) continue;
    for (const node of nodesOfKind(source, SyntaxKind.CallExpression)) {
      if (!LISTS.test(lastName(node.getExpression()))) continue;
      const [first] = node.getArguments();
      const value = first === undefined ? null : evaluatePath(first);
      if (value?.from === 'module')
        found.add(path.posix.join(path.posix.dirname(file), value.path).replace(/\/$/, ''));
    }
  }
  return [...found];
}
