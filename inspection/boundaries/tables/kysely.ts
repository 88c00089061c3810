import { Node, SyntaxKind } from 'ts-morph';
import { bare, lastName } from '../../source/definition.ts';
import { knownText } from '../../source/evaluate.ts';
import { nodesOfKind } from '../../source/nodes.ts';
import type { DdlEvent } from '../schema/read-ddl.ts';
import { chainOf } from './chain.ts';
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

const STARTS: Readonly<Record<string, Effect>> = {
  selectFrom: 'read',
  insertInto: 'insert',
  replaceInto: 'insert',
  updateTable: 'write',
  deleteFrom: 'write',
  mergeInto: 'write',
};
const JOINS = /^(inner|left|right|full|cross)Join$|^(using|from)$/;

/** `selectFrom('t')` and the other starts of a statement, joins, and `schema.createTable('t')`. */
export const readKysely: TableReader = (file, source, { packages }) => {
  if (!packages.has('kysely')) return NOTHING;
  const accesses: FoundAccess[] = [];
  const unread = [];
  const ddl: DdlEvent[] = [];
  for (const call of nodesOfKind(source, SyntaxKind.CallExpression)) {
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) continue;
    const name = callee.getName();
    const { links, root } = chainOf(call);
    if (lastName(root) === 'schema') {
      if (name === 'createTable') ddl.push(...createdBy(links.map((link) => link.call)));
      continue;
    }
    const started = Object.hasOwn(STARTS, name) ? STARTS[name] : undefined;
    if (
      started === undefined &&
      !(JOINS.test(name) && links.some((link) => Object.hasOwn(STARTS, link.name)))
    )
      continue;
    const ctes = new Set(
      links
        .filter((link) => link.name.startsWith('with'))
        .map((link) => firstText(link.call.getArguments()[0])),
    );
    const tables = tablesOf(call.getArguments()[0]);
    if (tables === null) {
      if (!Node.isArrowFunction(call.getArguments()[0]))
        unread.push(unreadAt(file, call, 'a variable holds the name of this table'));
      continue;
    }
    for (const table of tables)
      if (!ctes.has(table))
        accesses.push(accessAt(file, call.getArguments()[0] ?? call, table, started ?? 'read'));
  }
  return { accesses, unread, ddl };
};

const firstText = (node: Node | undefined): string => (node === undefined ? null : knownText(node)) ?? '';

/** `'t'`, `'t as x'` and `['t', 'u as x']`. */
function tablesOf(argument: Node | undefined): readonly string[] | null {
  if (argument === undefined) return null;
  const node = bare(argument);
  const list = Node.isArrayLiteralExpression(node) ? node.getElements() : [node];
  const names = list.map((one) => tableOfName(firstText(one)));
  return names.every((name) => name !== null) ? names : null;
}

function createdBy(calls: readonly Node[]): readonly DdlEvent[] {
  const events: DdlEvent[] = [];
  let table: string | null = null;
  for (const call of calls) {
    if (!Node.isCallExpression(call)) continue;
    const name = lastName(call.getExpression());
    const args = call.getArguments();
    if (name === 'createTable') {
      table = tableOfName(firstText(args[0]));
      if (table !== null) events.push({ kind: 'table', name: table, line: lineOf(call) });
    }
    if (table === null) continue;
    const from = table;
    const key = (target: string | null, constraint: string): void => {
      if (target !== null)
        events.push({
          kind: 'foreign-key',
          name: constraint,
          from,
          to: target,
          line: lineOf(args[0] ?? call),
        });
    };
    if (name === 'addForeignKeyConstraint') key(tableOfName(firstText(args[2])), firstText(args[0]));
    if (name === 'addColumn')
      for (const inner of args[2]?.getDescendantsOfKind(SyntaxKind.CallExpression) ?? [])
        if (lastName(inner.getExpression()) === 'references') {
          const [, target = ''] = /^(.+)\.\w+$/.exec(firstText(inner.getArguments()[0])) ?? [];
          key(tableOfName(target), `${from}_${firstText(args[0])}_fkey`);
        }
  }
  return events;
}
