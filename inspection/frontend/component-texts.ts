import path from 'node:path';
import { SyntaxKind } from 'ts-morph';
import type { FrontendContext } from './context.ts';
import { textsOf } from './decorator-texts.ts';
import { nodesOfKind } from '../source/nodes.ts';

/** A template or a style sheet. `line` is its first line in the file. */
export interface ComponentText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Values of `member` in decorators, and the content of every frontend file whose name matches `files`. */
export function componentTexts(
  { root, graph, texts }: FrontendContext,
  { member, files }: { readonly member: 'styles' | 'template'; readonly files: RegExp },
): readonly ComponentText[] {
  const inline = [...graph.sources.values()].flatMap((source) =>
    nodesOfKind(source, SyntaxKind.Decorator).flatMap((decorator) =>
      textsOf(decorator, member).map(({ text, node }) => ({
        file: path.relative(root, node.getSourceFile().getFilePath()).split(path.sep).join('/'),
        line: node.getStartLineNumber(),
        text,
      })),
    ),
  );
  const whole = Object.entries(texts)
    .filter(([file]) => files.test(file))
    .map(([file, text]) => ({ file, line: 1, text }));
  return [...inline, ...whole];
}
