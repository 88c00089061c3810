import { Node, SyntaxKind, type CallExpression, type SourceFile } from 'ts-morph';
import { bare, definitionOf, lastName } from '../source/definition.ts';
import { evaluatePath } from '../source/paths.ts';
import { isText, knownText } from '../source/evaluate.ts';
import { beginningOf, takesSql, textArgument } from './takes-sql.ts';
import { nodesOfKind } from '../source/nodes.ts';

/** Usual names and types of databases. Other objects have a method `query` as well. */
const DATABASE_NAME = /^[#_]?(db|database|pool|client|conn|connection|pg|tx|trx|transaction)$/i;
const DATABASE_TYPE = /\b(Pool|PoolClient|Client|ClientBase)\b|ToolContext\['db'\]/;
const MAX_DEPTH = 8;

/**
 * Statements whose text is not in the code: read from a file or a request, supplied by a package, or the result of
 * rewriting a text.
 */
export function unreadableSql(source: SourceFile): readonly Node[] {
  return nodesOfKind(source, SyntaxKind.CallExpression)
    .filter((call) => takesSql(call.getExpression()) && isDatabase(call))
    .filter((call) => {
      const text = textArgument(call.getArguments()[0]);
      return text !== undefined && !isReadable(beginningOf(text));
    });
}

function isDatabase(call: CallExpression): boolean {
  const callee = bare(call.getExpression());
  if (!Node.isPropertyAccessExpression(callee)) return false;
  const object = bare(callee.getExpression());
  if (DATABASE_NAME.test(lastName(object))) return true;
  const definition = definitionOf(Node.isPropertyAccessExpression(object) ? object.getNameNode() : object);
  const type =
    Node.isParameterDeclaration(definition) ||
    Node.isPropertyDeclaration(definition) ||
    Node.isPropertySignature(definition) ||
    Node.isVariableDeclaration(definition)
      ? definition.getTypeNode()?.getText()
      : undefined;
  return type !== undefined && DATABASE_TYPE.test(type);
}

/** Whether the text, or the code that supplies it, is in the repository. */
function isReadable(expression: Node, depth = 0): boolean {
  const node = bare(expression);
  if (depth > MAX_DEPTH) return false;
  if (isText(node) || knownText(node) !== null) return true;
  const pieces = piecesOf(node);
  if (pieces !== null) return pieces.every((piece) => isReadable(piece, depth + 1));
  if (Node.isCallExpression(node)) return isCallReadable(node, depth);
  if (Node.isIdentifier(node) || Node.isPropertyAccessExpression(node))
    return isDefinitionReadable(definitionOf(Node.isIdentifier(node) ? node : node.getNameNode()), depth);
  return CHECKED_ELSEWHERE.some((isOfKind) => isOfKind(node));
}

/** `a ? b : c`, `a + b`, `a[b]`: the expressions that decide the text. */
function piecesOf(node: Node): readonly Node[] | null {
  if (Node.isConditionalExpression(node)) return [node.getWhenTrue(), node.getWhenFalse()];
  if (Node.isBinaryExpression(node)) return [node.getLeft(), node.getRight()];
  return Node.isElementAccessExpression(node) ? [node.getExpression()] : null;
}

/** The first argument of a class is checked at the class, and a spread argument at the caller. */
const CHECKED_ELSEWHERE: readonly ((node: Node) => boolean)[] = [
  Node.isTaggedTemplateExpression,
  Node.isNewExpression,
  Node.isSpreadElement,
  Node.isObjectLiteralExpression,
  Node.isArrayLiteralExpression,
];

function isCallReadable(call: CallExpression, depth: number): boolean {
  const callee = bare(call.getExpression());
  const name = Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee;
  if (definitionOf(name) !== undefined) return true; // its return value is checked where it is declared
  if (/^readFile(Sync)?$/.test(lastName(callee))) return isOwnSqlFile(call.getArguments()[0]);
  if (!Node.isPropertyAccessExpression(callee))
    return call.getArguments().some((argument) => /^\s*copy\s/i.test(knownText(argument) ?? ''));
  // These methods keep the statement; any other may change it
  const keeps = /^(join|trim|trimStart|trimEnd|concat|at|toString|get)$/.test(callee.getName());
  return keeps && isReadable(beginningOf(callee.getExpression()), depth + 1);
}

/** `.sql` files of the backend are checked themselves. */
function isOwnSqlFile(argument: Node | undefined): boolean {
  const place = argument === undefined ? null : evaluatePath(argument);
  return place?.from === 'module' && /(\.sql|(^|\/)[^/.]*)$/.test(place.path);
}

function isDefinitionReadable(definition: Node | undefined, depth: number): boolean {
  if (definition === undefined) return false;
  if (Node.isBindingElement(definition)) {
    return isDefinitionReadable(definition.getFirstAncestor(isHolder), depth + 1);
  }
  if (
    Node.isVariableDeclaration(definition) ||
    Node.isPropertyDeclaration(definition) ||
    Node.isPropertyAssignment(definition)
  ) {
    const value = definition.getInitializer();
    // Without an initializer, the assigned texts are checked where they are assigned
    return value === undefined || isReadable(beginningOf(value), depth + 1);
  }
  return true;
}

const isHolder = (node: Node): boolean =>
  Node.isVariableDeclaration(node) || Node.isParameterDeclaration(node);
