import { Node, type CallExpression, type SourceFile } from 'ts-morph';
import { bare, definitionOf, lastName } from '../source/definition.ts';
import { evaluatePath } from '../source/paths.ts';
import { isText, knownText } from '../source/evaluate.ts';
import { beginningOf, takesSql, textArgument } from './takes-sql.ts';

/** How databases are called, and what their types are. Other things have a method `query`, too. */
const DATABASE_NAME = /^[#_]?(db|database|pool|client|conn|connection|pg|tx|trx|transaction)$/i;
const DATABASE_TYPE = /\b(Pool|PoolClient|Client|ClientBase)\b|ToolContext\['db'\]/;
const MAX_DEPTH = 8;

/**
 * Statements for a database whose text no place in the code tells: read from a file or a request, or made by a package
 * or by rewriting a text.
 */
export function untoldSql(source: SourceFile): readonly Node[] {
  return source
    .getDescendants()
    .filter(Node.isCallExpression)
    .filter((call) => takesSql(call.getExpression()) && isDatabase(call))
    .filter((call) => {
      const text = textArgument(call.getArguments()[0]);
      return text !== undefined && !isTold(beginningOf(text));
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

/** Whether the text, or whoever hands it over, is somewhere in the code. */
function isTold(expression: Node, depth = 0): boolean {
  const node = bare(expression);
  if (depth > MAX_DEPTH) return false;
  if (isText(node) || knownText(node) !== null || Node.isTaggedTemplateExpression(node)) return true;
  if (Node.isConditionalExpression(node))
    return isTold(node.getWhenTrue(), depth + 1) && isTold(node.getWhenFalse(), depth + 1);
  if (Node.isBinaryExpression(node))
    return isTold(node.getLeft(), depth + 1) && isTold(node.getRight(), depth + 1);
  if (Node.isElementAccessExpression(node)) return isTold(node.getExpression(), depth + 1);
  // A class has its own first argument looked at, and what is handed through comes from a caller
  if (Node.isNewExpression(node) || Node.isSpreadElement(node)) return true;
  if (Node.isCallExpression(node)) return isCallTold(node, depth);
  if (Node.isIdentifier(node) || Node.isPropertyAccessExpression(node))
    return isDefinitionTold(definitionOf(Node.isIdentifier(node) ? node : node.getNameNode()), depth);
  return Node.isObjectLiteralExpression(node) || Node.isArrayLiteralExpression(node);
}

function isCallTold(call: CallExpression, depth: number): boolean {
  const callee = bare(call.getExpression());
  const name = Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee;
  if (definitionOf(name) !== undefined) return true; // what it gives back is looked at where it is written
  if (/^readFile(Sync)?$/.test(lastName(callee))) return isOwnSqlFile(call.getArguments()[0]);
  if (!Node.isPropertyAccessExpression(callee))
    return call.getArguments().some((argument) => /^\s*copy\s/i.test(knownText(argument) ?? ''));
  // A list that is joined, a text that is trimmed; any other method may make another statement of it
  const keeps = /^(join|trim|trimStart|trimEnd|concat|at|toString|get)$/.test(callee.getName());
  return keeps && isTold(beginningOf(callee.getExpression()), depth + 1);
}

/** The `.sql` files of the backend are looked at themselves. */
function isOwnSqlFile(argument: Node | undefined): boolean {
  const place = argument === undefined ? null : evaluatePath(argument);
  return place?.from === 'module' && /(\.sql|(^|\/)[^/.]*)$/.test(place.path);
}

function isDefinitionTold(definition: Node | undefined, depth: number): boolean {
  if (definition === undefined) return false;
  if (Node.isBindingElement(definition)) {
    const holder = definition.getFirstAncestor((a) => Node.isVariableDeclaration(a) || Node.isParameterDeclaration(a)); // prettier-ignore
    return isDefinitionTold(holder, depth + 1);
  }
  if (
    Node.isVariableDeclaration(definition) ||
    Node.isPropertyDeclaration(definition) ||
    Node.isPropertyAssignment(definition)
  ) {
    const value = definition.getInitializer();
    // Without one it is set elsewhere, and the texts that it is set to are looked at there
    return value === undefined || isTold(beginningOf(value), depth + 1);
  }
  return true;
}
