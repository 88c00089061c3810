import { Node } from 'ts-morph';
import { bare, constantOf, lastName } from '../source/definition.ts';

/** Calls whose first argument is SQL, and classes whose constructor takes it first. */
const TAKES_SQL =
  /^(query|execute|prepare|queryArray|queryObject|QueryStream|Cursor|copyFrom|copyTo|Query|raw|\$queryRawUnsafe|\$executeRawUnsafe)$/;

/** Whether the first argument of a call is SQL: `db.query`, `new Cursor`, and `const run = db.query.bind(db)`. */
export function takesSql(callee: Node): boolean {
  if (TAKES_SQL.test(lastName(callee))) return true;
  const node = bare(callee);
  const value = Node.isIdentifier(node) ? constantOf(node) : undefined;
  if (value === undefined) return false;
  const kept = bare(value);
  if (Node.isPropertyAccessExpression(kept)) return TAKES_SQL.test(kept.getName());
  if (!Node.isCallExpression(kept)) return false;
  const bound = kept.getExpression();
  return (
    Node.isPropertyAccessExpression(bound) &&
    bound.getName() === 'bind' &&
    TAKES_SQL.test(lastName(bound.getExpression()))
  );
}

/** The SQL in `query(SQL)` and in `query({ text: SQL })`. */
export function textArgument(argument: Node | undefined): Node | undefined {
  if (argument === undefined) return undefined;
  const node = bare(argument);
  if (!Node.isObjectLiteralExpression(node)) return node;
  const text = node.getProperty('text');
  const value = Node.isPropertyAssignment(text) ? text.getInitializer() : undefined;
  if (Node.isShorthandPropertyAssignment(text)) return text.getNameNode();
  return value === undefined ? undefined : bare(value);
}

/** First operand of a concatenated text: `sql` of `sql + ' LIMIT 1'` and of `${sql} LIMIT 1`. */
export function beginningOf(text: Node): Node {
  const node = bare(text);
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === '+')
    return beginningOf(node.getLeft());
  if (!Node.isTemplateExpression(node) || node.getHead().getLiteralText().trim() !== '') return node;
  const [first] = node.getTemplateSpans();
  return first === undefined ? node : beginningOf(first.getExpression());
}
