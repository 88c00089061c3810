import { Node, SyntaxKind, type CallExpression, type ObjectLiteralExpression } from 'ts-morph';
import { bare, definitionOf, lastName } from '../../source/definition.ts';
import { knownText } from '../../source/evaluate.ts';
import { nodesOfKind } from '../../source/nodes.ts';
import type { DdlEvent } from '../schema/read-ddl.ts';
import {
  accessAt,
  lineOf,
  NOTHING,
  tableOfName,
  unreadAt,
  type Effect,
  type FoundAccess,
  type TableReader,
} from './reader.ts';

const READS = /^(find(All|One|ByPk|AndCountAll)|count|max|min|sum|aggregate)$/;
const WRITES =
  /^(create|build|bulkCreate|update|destroy|upsert|findOrCreate|findCreateFind|increment|decrement|truncate|restore)$/;
const ASSOCIATIONS = /^(belongsTo|hasOne|hasMany|belongsToMany)$/;

/**
 * Models that `sequelize.define` and `Model.init` define, by their `tableName` or, without one, by their name with an
 * `s`: finders, writers, `include`, and associations.
 */
export const readSequelize: TableReader = (file, source, { packages }) => {
  if (!packages.has('sequelize') && !packages.has('@sequelize/core')) return NOTHING;
  const accesses: FoundAccess[] = [];
  const unread = [];
  const ddl: DdlEvent[] = [];
  for (const call of nodesOfKind(source, SyntaxKind.CallExpression)) {
    const own = definedBy(call);
    if (own !== null) {
      ddl.push({ kind: 'table', name: own, line: lineOf(call) });
      continue;
    }
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) continue;
    const name = callee.getName();
    const isUse = READS.test(name) || WRITES.test(name);
    if (!isUse && !ASSOCIATIONS.test(name)) continue;
    const table = tableOf(callee.getExpression());
    if (table === null) continue;
    if (!isUse) {
      ddl.push(...associated(call, name, table));
      continue;
    }
    accesses.push(accessAt(file, call, table, effectOf(name)));
    for (const included of includedBy(call)) {
      const other = tableOf(included);
      if (other === null) unread.push(unreadAt(file, included, 'the included model is not known'));
      else accesses.push(accessAt(file, included, other, 'read'));
    }
  }
  return { accesses, unread, ddl };
};

const effectOf = (method: string): Effect =>
  /^(create|build|bulkCreate|upsert|findOrCreate|findCreateFind)$/.test(method)
    ? 'insert'
    : WRITES.test(method)
      ? 'write'
      : 'read';

/** `sequelize.define('Order', ..., { tableName })` and `Order.init(..., { tableName, modelName })`. */
function definedBy(call: CallExpression): string | null {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return null;
  const args = call.getArguments();
  if (callee.getName() === 'define') {
    const name = args[0] === undefined ? null : knownText(args[0]);
    return name === null ? null : tableName(name, args[2]);
  }
  if (callee.getName() !== 'init' || !Node.isObjectLiteralExpression(args[1])) return null;
  if (args[1].getProperty('sequelize') === undefined) return null;
  return tableName(optionOf(args[1], 'modelName') ?? lastName(callee.getExpression()), args[1]);
}

function tableName(model: string, options: Node | undefined): string {
  const given = Node.isObjectLiteralExpression(options) ? optionOf(options, 'tableName') : null;
  if (given !== null) return tableOfName(given) ?? given;
  const isFrozen =
    Node.isObjectLiteralExpression(options) && /freezeTableName:\s*true/.test(options.getText());
  return isFrozen ? model : plural(model);
}

/** The regular plural, as Sequelize makes it. */
const plural = (word: string): string =>
  /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;

function optionOf(options: ObjectLiteralExpression, name: string): string | null {
  const property = options.getProperty(name);
  const value = Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
  return value === undefined ? null : knownText(value);
}

/** The table of a model: a constant that `define` makes, or a class with `init`. */
function tableOf(expression: Node): string | null {
  const node = bare(expression);
  const definition = definitionOf(Node.isPropertyAccessExpression(node) ? node.getNameNode() : node);
  if (Node.isVariableDeclaration(definition)) {
    const value = definition.getInitializer();
    return Node.isCallExpression(value) ? definedBy(value) : null;
  }
  if (!Node.isClassDeclaration(definition)) return null;
  const name = definition.getName();
  const init = nodesOfKind(definition.getSourceFile(), SyntaxKind.CallExpression).find((call) => {
    const callee = call.getExpression();
    return (
      Node.isPropertyAccessExpression(callee) &&
      callee.getName() === 'init' &&
      callee.getExpression().getText() === name
    );
  });
  return init === undefined ? null : definedBy(init);
}

/** `include: [Customer, { model: Address }]` */
function includedBy(call: CallExpression): readonly Node[] {
  return call
    .getArguments()
    .flatMap((argument) => argument.getDescendantsOfKind(SyntaxKind.PropertyAssignment))
    .flatMap((property) => {
      const value = property.getInitializer();
      if (property.getName() === 'model' && value !== undefined) return [value];
      if (property.getName() !== 'include' || value === undefined) return [];
      const list = Node.isArrayLiteralExpression(value) ? value.getElements() : [value];
      return list.filter((one) => Node.isIdentifier(one) || Node.isPropertyAccessExpression(one));
    });
}

function associated(call: CallExpression, kind: string, table: string): readonly DdlEvent[] {
  const [target, options] = call.getArguments();
  const other = target === undefined ? null : tableOf(target);
  if (other === null) return [];
  const given = Node.isObjectLiteralExpression(options) ? optionOf(options, 'foreignKey') : null;
  const line = lineOf(call);
  const key = (from: string, to: string, column: string): DdlEvent => ({
    kind: 'foreign-key',
    name: `${from}_${column}_fkey`,
    from,
    to,
    line,
  });
  const idOf = (name: string): string => `${name.replace(/s$/, '')}Id`;
  if (kind === 'belongsTo') return [key(table, other, given ?? idOf(lastName(target ?? call)))];
  if (kind !== 'belongsToMany') return [key(other, table, given ?? idOf(table))];
  const through = Node.isObjectLiteralExpression(options) ? optionOf(options, 'through') : null;
  if (through === null) return [];
  return [
    { kind: 'table', name: through, line },
    key(through, table, given ?? idOf(table)),
    key(through, other, idOf(other)),
  ];
}
