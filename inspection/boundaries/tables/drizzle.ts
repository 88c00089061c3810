import { Node, SyntaxKind, type CallExpression } from 'ts-morph';
import { bare, definitionOf, lastName } from '../../source/definition.ts';
import { knownText } from '../../source/evaluate.ts';
import { nodesOfKind } from '../../source/nodes.ts';
import { relationName } from '../schema/relation-name.ts';
import type { DdlEvent } from '../schema/read-ddl.ts';
import { chainOf } from './chain.ts';
import { accessAt, lineOf, NOTHING, type FoundAccess, type TableReader } from './reader.ts';

const USES = /^(from|insert|update|delete|leftJoin|innerJoin|rightJoin|fullJoin|crossJoin)$/;
const WRITES = /^(insert|update|delete)$/;

/**
 * Tables that `pgTable('t', ...)` and its brothers define: `from(t)`, `insert(t)`, `update(t)`, `delete(t)`, joins and
 * `db.query.t.findMany()`.
 */
export const readDrizzle: TableReader = (file, source, { packages }) => {
  if (!packages.has('drizzle-orm')) return NOTHING;
  const accesses: FoundAccess[] = [];
  const ddl: DdlEvent[] = [];
  for (const call of nodesOfKind(source, SyntaxKind.CallExpression)) {
    const own = definedBy(call);
    if (own !== null) {
      ddl.push({ kind: 'table', name: own, line: lineOf(call) }, ...referencesIn(call, own));
      continue;
    }
    const name = lastName(call.getExpression());
    if (USES.test(name)) {
      const table = tableOf(call.getArguments()[0]);
      if (table !== null)
        accesses.push(
          accessAt(
            file,
            call.getArguments()[0] ?? call,
            table,
            name === 'insert' ? name : WRITES.test(name) ? 'write' : 'read',
          ),
        );
    } else if (/^find(Many|First)$/.test(name)) {
      const table = queriedBy(call, file);
      if (table !== null) accesses.push(accessAt(file, call, table, 'read'));
    }
  }
  return { accesses, unread: [], ddl };
};

/** The table that `pgTable('t', ...)` and `pgSchema('s').table('t', ...)` define. */
function definedBy(call: CallExpression): string | null {
  const callee = bare(call.getExpression());
  const [first] = call.getArguments();
  const text = first === undefined ? null : knownText(first);
  if (text === null) return null;
  if (/^(pg|mysql|sqlite)Table$/.test(lastName(callee))) return relationName(null, text);
  if (!Node.isPropertyAccessExpression(callee) || callee.getName() !== 'table') return null;
  const definition = definitionOf(callee.getExpression());
  const schema = Node.isVariableDeclaration(definition) ? definition.getInitializer() : undefined;
  if (!Node.isCallExpression(schema) || lastName(schema.getExpression()) !== 'pgSchema') return null;
  const [named] = schema.getArguments();
  return relationName(named === undefined ? null : knownText(named), text);
}

function tableOf(argument: Node | undefined): string | null {
  if (argument === undefined) return null;
  const node = bare(argument);
  const definition = definitionOf(Node.isPropertyAccessExpression(node) ? node.getNameNode() : node);
  const value = Node.isVariableDeclaration(definition) ? definition.getInitializer() : undefined;
  return Node.isCallExpression(value) ? definedBy(value) : null;
}

/** `db.query.orders.findMany()`: the property is the name of the table's constant. */
function queriedBy(call: CallExpression, file: string): string | null {
  const callee = call.getExpression();
  const member = Node.isPropertyAccessExpression(callee) ? callee.getExpression() : undefined;
  if (!Node.isPropertyAccessExpression(member) || lastName(member.getExpression()) !== 'query') return null;
  for (const source of call.getProject().getSourceFiles()) {
    if (source.getFilePath().endsWith(file)) continue;
    const value = source.getVariableDeclaration(member.getName())?.getInitializer();
    const table = Node.isCallExpression(value) ? definedBy(value) : null;
    if (table !== null) return table;
  }
  return null;
}

function referencesIn(table: CallExpression, from: string): readonly DdlEvent[] {
  return table.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    if (lastName(call.getExpression()) !== 'references') return [];
    const [getter] = call.getArguments();
    const body = Node.isArrowFunction(getter) ? bare(getter.getBody()) : undefined;
    if (!Node.isPropertyAccessExpression(body)) return [];
    const to = tableOf(body.getExpression());
    if (to === null) return [];
    const [column] = chainOf(call)
      .links.flatMap((link) => link.call.getArguments())
      .slice(0, 1);
    const key = call.getFirstAncestorByKind(SyntaxKind.PropertyAssignment)?.getName() ?? '';
    const { root } = chainOf(call);
    const [named] = Node.isCallExpression(root) ? root.getArguments() : [column];
    const own = (named === undefined ? null : knownText(named)) ?? key;
    return [
      {
        kind: 'foreign-key',
        name: `${from}_${own}_${to}_${body.getName()}_fk`,
        from,
        to,
        line: lineOf(body),
      },
    ] as const;
  });
}
