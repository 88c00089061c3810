import { Node, SyntaxKind, type CallExpression, type SourceFile } from 'ts-morph';
import { bare, definitionOf, lastName } from '../../source/definition.ts';
import { knownText } from '../../source/evaluate.ts';
import { nodesOfKind } from '../../source/nodes.ts';
import type { DdlEvent } from '../schema/read-ddl.ts';
import { chainOf, type Chain } from './chain.ts';
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

const WRITES = /^(update|del|delete|truncate|increment|decrement)$/;
const NAMES_TABLE =
  /^(from|into|table|join|innerJoin|leftJoin|leftOuterJoin|rightJoin|rightOuterJoin|fullOuterJoin|crossJoin|batchInsert)$/;
/** Usual names of knex instances, transactions and builders in callbacks. */
const INSTANCE = /^[#_]?(knex|trx|tx|db|database|conn|connection|qb|builder|transaction)$/i;

/**
 * `db('t')`, `.from('t')`, `.into('t')`, `.table('t')`, joins, `batchInsert`, and the schema builder. `db` is a knex
 * instance when it is made by `knex(...)`, or by its usual name in a source that imports knex.
 */
export const readKnex: TableReader = (file, source, { packages }) => {
  if (!packages.has('knex')) return NOTHING;
  const accesses: FoundAccess[] = [];
  const unread = [];
  const ddl: DdlEvent[] = [];
  const ctes = cteNames(source);
  for (const call of nodesOfKind(source, SyntaxKind.CallExpression)) {
    ddl.push(...schemaOf(call));
    const chain = chainOf(call);
    const isBase = chain.root === call && isInstance(call.getExpression());
    const callee = call.getExpression();
    const isNamed =
      Node.isPropertyAccessExpression(callee) &&
      NAMES_TABLE.test(callee.getName()) &&
      isKnexChain(chain) &&
      !isOfSchema(chain);
    if (!isBase && !isNamed) continue;
    const tables = tablesOfArgument(call.getArguments()[0]);
    if (tables === null) {
      if (call.getArguments().length > 0 && !isFunction(call.getArguments()[0]))
        unread.push(unreadAt(file, call, 'a variable holds the name of this table'));
      continue;
    }
    for (const table of tables.filter((name) => !ctes.has(name)))
      accesses.push(accessAt(file, call.getArguments()[0] ?? call, table, effectOf(chain, call)));
  }
  return { accesses, unread, ddl };
};

/** Joined tables are read, whatever happens to the others. */
function effectOf({ links }: Chain, call: CallExpression): Effect {
  const own = links.find((link) => link.call === call)?.name ?? '';
  if (/join$/i.test(own)) return 'read';
  if (own === 'into' || links.some(({ name }) => /^(insert|upsert|batchInsert)$/.test(name))) return 'insert';
  return links.some(({ name }) => WRITES.test(name)) ? 'write' : 'read';
}

/** `'t'`, `'t as x'`, `{ x: 't' }`; `null` when the name is computed. */
function tablesOfArgument(argument: Node | undefined): readonly string[] | null {
  if (argument === undefined) return null;
  const node = bare(argument);
  const texts = Node.isObjectLiteralExpression(node)
    ? node.getProperties().map((one) => {
        const value = Node.isPropertyAssignment(one) ? one.getInitializer() : undefined;
        return value === undefined ? null : knownText(value);
      })
    : [knownText(node)];
  const names = texts.map((text) => (text === null ? null : tableOfName(text)));
  return names.every((name) => name !== null) ? names : null;
}

const isFunction = (node: Node | undefined): boolean =>
  Node.isArrowFunction(node) || Node.isFunctionExpression(node) || Node.isCallExpression(node);

function isKnexChain({ root, links }: Chain): boolean {
  if (root.getKind() === SyntaxKind.ThisKeyword) return links.length > 0;
  return (
    isInstance(root) || (Node.isCallExpression(root) && isInstance(root.getExpression())) || isBuilt(root)
  );
}

/** `const query = db('t')`, to which later statements add. */
function isBuilt(root: Node, depth = 0): boolean {
  if (!Node.isIdentifier(root) || depth > 3) return false;
  const definition = definitionOf(root);
  const value = Node.isVariableDeclaration(definition) ? definition.getInitializer() : undefined;
  const made = value === undefined ? undefined : bare(value);
  if (!Node.isCallExpression(made)) return false;
  const { root: base } = chainOf(made);
  return (Node.isCallExpression(base) && isInstance(base.getExpression())) || isBuilt(base, depth + 1);
}

/** Whether an expression is a knex instance or a transaction. */
function isInstance(expression: Node): boolean {
  const node = bare(expression);
  const name = lastName(node);
  if (name === '' || isKnexItself(node)) return false;
  const definition = definitionOf(Node.isPropertyAccessExpression(node) ? node.getNameNode() : node);
  const value = Node.isVariableDeclaration(definition) ? definition.getInitializer() : undefined;
  const made = value === undefined ? undefined : bare(value);
  if (Node.isCallExpression(made)) {
    const maker = bare(made.getExpression());
    if (/^knex$/i.test(lastName(maker))) return true;
    if (Node.isCallExpression(maker) && /['"]knex['"]/.test(maker.getText())) return true;
  }
  // A pool of connections has the same usual names
  if (Node.isNewExpression(made)) return false;
  return INSTANCE.test(name);
}

/** `knex` of `import knex from 'knex'` and of `const knex = require('knex')`, which makes instances. */
function isKnexItself(node: Node): boolean {
  const [declared] = node.getSymbol()?.getDeclarations() ?? [];
  if (Node.isVariableDeclaration(declared))
    return /^require\(['"]knex['"]\)/.test(declared.getInitializer()?.getText() ?? '');
  const imported = declared?.getFirstAncestor(Node.isImportDeclaration);
  return imported?.getModuleSpecifierValue() === 'knex';
}

function cteNames(source: SourceFile): ReadonlySet<string> {
  return new Set(
    nodesOfKind(source, SyntaxKind.CallExpression)
      .filter((call) =>
        /^with(Recursive|Materialized|NotMaterialized)?$/.test(lastName(call.getExpression())),
      )
      .flatMap((call) => {
        const [name] = call.getArguments();
        return (name === undefined ? null : knownText(name)) ?? [];
      }),
  );
}

const isOfSchema = ({ root, links }: Chain): boolean =>
  lastName(root) === 'schema' || links.some(({ name }) => name === 'withSchema' || /Table$/.test(name));

/** `knex.schema.createTable('t', (t) => ...)` and its brothers. */
function schemaOf(call: CallExpression): readonly DdlEvent[] {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return [];
  const method = callee.getName();
  if (
    !/^(createTable|createTableIfNotExists|alterTable|table|dropTable|dropTableIfExists|renameTable)$/.test(
      method,
    )
  )
    return [];
  if (lastName(chainOf(call).root) !== 'schema') return [];
  const [first, second] = call.getArguments().map((one) => knownText(one));
  const name = tableOfName(first ?? '');
  if (name === null) return [];
  if (method.startsWith('drop')) return [{ kind: 'drop', what: 'relation', name }];
  if (method === 'renameTable') return [{ kind: 'rename', from: name, to: tableOfName(second ?? '') ?? '' }];
  const created: readonly DdlEvent[] = method.startsWith('create')
    ? [{ kind: 'table', name, line: lineOf(call) }]
    : [];
  return [...created, ...referencesIn(call, name)];
}

/** `t.integer('x').references('id').inTable('users')` and `t.foreign('x').references('users.id')`. */
function referencesIn(table: CallExpression, from: string): readonly DdlEvent[] {
  return table.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    if (lastName(call.getExpression()) !== 'references') return [];
    const { links } = chainOf(call);
    const textOf = (name: string): string | null => {
      const argument = links.find((link) => link.name === name)?.call.getArguments()[0];
      return argument === undefined ? null : knownText(argument);
    };
    const column = links[0] === undefined ? null : textOf(links[0].name);
    const [, named] = /^(.+)\.\w+$/.exec(textOf('references') ?? '') ?? [];
    const to = tableOfName(textOf('inTable') ?? named ?? '');
    if (to === null) return [];
    const name = `${from.replaceAll('.', '_')}_${column ?? 'column'}_foreign`;
    return [{ kind: 'foreign-key', name, from, to, line: lineOf(call) } as const];
  });
}
