import {
  Node,
  SyntaxKind,
  type CallExpression,
  type NewExpression,
  type PropertyAssignment,
  type SourceFile,
} from 'ts-morph';
import { bare, definitionOf, lastName } from '../source/definition.ts';
import { evaluate, isText, knownText, type TextPart } from '../source/evaluate.ts';
import { beginningOf, takesSql, textArgument } from './takes-sql.ts';
import { nodesOf } from '../source/nodes.ts';

/** A string in the code that is SQL, or a fragment of it. */
export interface SqlText {
  readonly node: Node;
  readonly parts: readonly TextPart[];
  /** The parts with every `a ? b : c` evaluated to its first branch, and to its second; empty without such. */
  readonly choices: readonly (readonly TextPart[])[];
  /** Passed to the database; otherwise the text only looks like SQL. */
  readonly certain: boolean;
}

const SQL_TAG = /^(sql|SQL|pg|\$queryRaw|\$executeRaw)$/;

const LIKE_SQL =
  /^\s*(--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(SELECT\s[\s\S]+|INSERT\s+INTO\s|UPDATE\s+[\s\S]+\sSET\s|DELETE\s+FROM\s|WITH\s[\s\S]+\sAS\s|MERGE\s+INTO\s|TRUNCATE\s|COPY\s|LOCK\s+TABLE\s|CREATE\s|ALTER\s+TABLE\s|DROP\s+TABLE\s|REFRESH\s+MATERIALIZED\s|TABLE\s)/;
/** Lower-case SQL counts only with a character sequence that prose does not contain. */
const LIKE_SMALL_SQL =
  /^\s*(select\s[\s\S]+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s[\s\S]+\sas\s*\(|truncate\s)/;
const CODE_MARK = /[*=$;]|::|\w_\w|\w\(/;
const FRAGMENT =
  /^[\s,(]*((LEFT|RIGHT|INNER|FULL|CROSS|NATURAL)\s+)?(OUTER\s+)?(JOIN|FROM|UNION|EXCEPT|INTERSECT|WHERE|AND|OR|EXISTS|USING)\s/;

/**
 * SQL in a file. Text that is passed to the database always counts. Other text must begin as upper-case SQL, or as
 * lower-case SQL that is not prose, such as "select an item from the list".
 *
 * @param passedNames names of constants and functions that any file passes to the database
 */
export function findSql(source: SourceFile, passedNames: ReadonlySet<string>): readonly SqlText[] {
  const found: SqlText[] = [];
  const taken = new Set<Node>();
  source.forEachDescendant((node, traversal) => {
    if (Node.isImportDeclaration(node) || Node.isTypeNode(node)) {
      traversal.skip();
      return;
    }
    if (Node.isTaggedTemplateExpression(node) && SQL_TAG.test(lastName(node.getTag()))) {
      found.push({ node, ...partsOf(node.getTemplate()), certain: true });
      traversal.skip();
      return;
    }
    if (taken.has(node) || !isText(node)) return;
    takeParts(node, taken);
    const { parts, choices } = partsOf(node);
    const text = parts.map((part) => (typeof part === 'string' ? part : ' ')).join('');
    const certain = goesToDatabase(node, passedNames);
    const small = LIKE_SMALL_SQL.test(text) && CODE_MARK.test(text);
    if (certain || small || LIKE_SQL.test(text) || FRAGMENT.test(text))
      found.push({ node, parts, choices, certain });
  });
  return found;
}

function partsOf(node: Node): Pick<SqlText, 'parts' | 'choices'> {
  const chooses = node.getDescendantsOfKind(SyntaxKind.ConditionalExpression).length > 0;
  const choices = chooses ? (['then', 'else'] as const).map((branch) => evaluate(node, { branch })) : [];
  return { parts: evaluate(node), choices };
}

/** Marks the operands of a string, so that they are not inspected a second time. */
function takeParts(node: Node, taken: Set<Node>): void {
  const parts = Node.isBinaryExpression(node)
    ? [node.getLeft(), node.getRight()]
    : Node.isCallExpression(node)
      ? node.getDescendantsOfKind(SyntaxKind.StringLiteral)
      : [];
  for (const part of parts) {
    taken.add(bare(part));
    takeParts(bare(part), taken);
  }
}

/** Names in `db.query(NAME)`, `db.query(make())` and `db.query({ text: NAME })`. */
export function namesPassedToDatabase(source: SourceFile): readonly string[] {
  return nodesOf(source)
    .filter((node) => Node.isCallExpression(node) || Node.isNewExpression(node))
    .filter((call) => takesSql(call.getExpression()))
    .flatMap((call) => {
      const argument = textArgument(call.getArguments()[0]);
      if (argument === undefined) return [];
      return [passedName(beginningOf(argument))];
    })
    .filter((name) => name !== '');
}

/** `NAME`, `make()`, `QUERIES.name`, `QUERIES['name']` */
function passedName(argument: Node): string {
  if (!Node.isElementAccessExpression(argument))
    return lastName(Node.isCallExpression(argument) ? argument.getExpression() : argument);
  const key = argument.getArgumentExpression();
  return (key === undefined ? null : knownText(key)) ?? lastName(argument.getExpression());
}

function goesToDatabase(node: Node, passedNames: ReadonlySet<string>): boolean {
  const { child, parent } = withoutWrappers(node);
  const isBranch = Node.isConditionalExpression(parent) && parent.getCondition() !== child;
  // A list that a loop iterates over, or that is indexed
  if (isBranch || Node.isArrayLiteralExpression(parent)) return goesToDatabase(parent, passedNames);
  if (Node.isCallExpression(parent) || Node.isNewExpression(parent))
    return (
      (parent.getArguments()[0] === child && takesSql(parent.getExpression())) ||
      passedNames.has(parameterName(parent, child))
    );
  if (Node.isPropertyAssignment(parent)) return isPassedMember(parent, passedNames);
  return parent !== undefined && passedNames.has(nameGivenBy(parent));
}

/** The outermost expression that is only `node` in parentheses, assertions or `await`, and its parent. */
function withoutWrappers(node: Node): { readonly child: Node; readonly parent: Node | undefined } {
  const parent = node.getParent();
  return parent !== undefined && bare(parent) !== parent ? withoutWrappers(parent) : { child: node, parent };
}

/** `{ NAME: sql }`, and `{ text: sql }` in a call or a constant. */
function isPassedMember(member: PropertyAssignment, passedNames: ReadonlySet<string>): boolean {
  if (passedNames.has(member.getName().replace(/^['"]|['"]$/g, ''))) return true;
  if (member.getName() !== 'text') return false;
  const holder = member.getParent().getParent();
  return Node.isCallExpression(holder)
    ? takesSql(holder.getExpression())
    : Node.isVariableDeclaration(holder) && passedNames.has(holder.getName());
}

/** `const NAME = sql`, `NAME = sql`, `for (const NAME of [sql])`, and the function that returns it; else `''`. */
function nameGivenBy(holder: Node): string {
  if (Node.isForOfStatement(holder)) {
    const [variable] = holder.getInitializer().getDescendantsOfKind(SyntaxKind.Identifier);
    return variable?.getText() ?? '';
  }
  if (Node.isVariableDeclaration(holder) || Node.isPropertyDeclaration(holder)) return holder.getName();
  if (Node.isReturnStatement(holder) || Node.isArrowFunction(holder)) return functionName(holder);
  const isAssignment =
    Node.isBinaryExpression(holder) && holder.getOperatorToken().getKind() === SyntaxKind.EqualsToken;
  return isAssignment ? lastName(holder.getLeft()) : '';
}

/** Name of the parameter that receives this argument. */
function parameterName(call: CallExpression | NewExpression, argument: Node): string {
  const callee = bare(call.getExpression());
  const definition = definitionOf(Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee);
  const fn = Node.isVariableDeclaration(definition) ? definition.getInitializer() : definition;
  if (fn === undefined || !(Node.isFunctionLikeDeclaration(fn) || Node.isFunctionExpression(fn))) return '';
  const index = call.getArguments().findIndex((one) => one === argument);
  return fn.getParameters()[index]?.getName() ?? '';
}

function functionName(node: Node): string {
  const owner = Node.isArrowFunction(node)
    ? node
    : node.getFirstAncestor((a) => Node.isFunctionLikeDeclaration(a) || Node.isFunctionExpression(a));
  if (owner === undefined) return '';
  if (Node.isFunctionDeclaration(owner) || Node.isMethodDeclaration(owner)) return owner.getName() ?? '';
  const holder = owner.getParent();
  return Node.isVariableDeclaration(holder) || Node.isPropertyAssignment(holder) ? holder.getName() : '';
}
