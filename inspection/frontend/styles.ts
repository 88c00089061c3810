import path from 'node:path';
import { SyntaxKind, type Node, type SourceFile } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { knownText } from '../source/evaluate.ts';
import { componentTexts } from './component-texts.ts';
import { frontendError } from '../findings.ts';
import { lineAt, type FrontendContext } from './context.ts';
import { textsOf } from './decorator-texts.ts';
import { nodesOfKind } from '../source/nodes.ts';

const STYLES = { member: 'styles', files: /\.(?:scss|sass|css|less)$/ } as const;
const LOAD = /(?:@(?:use|forward|import)\s+|url\(\s*)['"]?(\.[^'")\s]*)/g;

/** Finds style sheets that load a file outside the tool's frontend by relative path. */
export function checkStyles(context: FrontendContext): readonly Finding[] {
  const inside = `${context.names.toolFolder}/frontend/`;
  return componentTexts(context, STYLES).flatMap(({ file, line, text }) => {
    if (!file.startsWith(inside)) return [];
    return [...withoutComments(text).matchAll(LOAD)]
      .filter((match) => !path.posix.join(path.posix.dirname(file), match[1] ?? '').startsWith(inside))
      .map((match) =>
        frontendError({
          code: 'code-style-outside',
          file,
          line: line + lineAt(text, match.index) - 1,
          message: `'${match[1] ?? ''}' is outside ${inside} and is not exported.`,
          remedy: 'Move the style sheet into the frontend of the tool.',
        }),
      );
  });
}

/** Replaces comments by spaces, which keeps offsets. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"])\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));

/** A template, style sheet or worker that code names by relative path. */
interface Resource {
  readonly text: string;
  readonly node: Node;
  /** Relative to the repository. */
  readonly target: string;
}

/** The templates, style sheets and workers that a module names by relative path. */
export function resourcesOf(file: string, source: SourceFile): readonly Resource[] {
  const named = nodesOfKind(source, SyntaxKind.Decorator).flatMap((decorator) =>
    ['templateUrl', 'styleUrl', 'styleUrls'].flatMap((name) => textsOf(decorator, name)),
  );
  const urls = nodesOfKind(source, SyntaxKind.NewExpression).flatMap((node) => {
    const [first, base] = node.getArguments();
    const text = first === undefined ? null : knownText(first);
    const fromHere = node.getExpression().getText() === 'URL' && base?.getText() === 'import.meta.url';
    return fromHere && text !== null && text.startsWith('.') ? [{ text, node }] : [];
  });
  return [...named, ...urls].map(({ text, node }) => ({
    text,
    node,
    target: path.posix.join(path.posix.dirname(file), text),
  }));
}

/** Finds templates, styles and workers outside the tool's frontend that code names by relative path. */
export function checkResources({ names, graph }: FrontendContext): readonly Finding[] {
  const inside = `${names.toolFolder}/frontend/`;
  return [...graph.sources]
    .filter(([file]) => file.startsWith(inside))
    .flatMap(([file, source]) =>
      resourcesOf(file, source)
        .filter(({ target }) => !target.startsWith(inside))
        .map(({ text, node }) =>
          frontendError({
            code: 'code-path-escape',
            file,
            line: node.getStartLineNumber(),
            message: `'${text}' is outside ${inside} and is not exported.`,
            remedy: 'Move the file into the frontend of the tool.',
          }),
        ),
    );
}
