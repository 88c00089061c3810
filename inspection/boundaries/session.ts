import { Node, SyntaxKind, type SourceFile } from 'ts-morph';
import { keysReadFrom } from '../backend/environment.ts';
import { lastName } from '../source/definition.ts';
import { nodesOf } from '../source/nodes.ts';
import type { Access, Place } from './types.ts';
import { accessOf } from './written.ts';

export interface SessionUse extends Place {
  /** Key of the session. */
  readonly name: string;
  readonly access: Access;
}

/** Members of every session, from express-session and cookie-session. */
const OF_LIBRARY = new Set([
  ...['cookie', 'id', 'destroy', 'regenerate', 'reload', 'resetMaxAge', 'save', 'touch'],
  ...['isNew', 'isChanged', 'isPopulated', 'nowInMinutes'],
]);
const REQUEST = /^_?(req|request)$/;

/** Keys of `req.session` that a file reads and writes. */
export const readSession = (file: string, source: SourceFile): readonly SessionUse[] =>
  nodesOf(source)
    .filter(isSession)
    .flatMap((bag) => keysReadFrom(bag))
    .flatMap(({ name, node }) =>
      name === null || OF_LIBRARY.has(name)
        ? []
        : [{ name, file, access: accessOf(node), line: node.getStartLineNumber() }],
    );

function isSession(node: Node): boolean {
  if (Node.isPropertyAccessExpression(node))
    return node.getName() === 'session' && REQUEST.test(lastName(node.getExpression()));
  if (!Node.isBindingElement(node)) return false;
  const from = node.getFirstAncestorByKind(SyntaxKind.VariableDeclaration)?.getInitializer();
  return (
    (node.getPropertyNameNode() ?? node.getNameNode()).getText() === 'session' &&
    from !== undefined &&
    REQUEST.test(lastName(from))
  );
}
