import { Node, SyntaxKind, type CallExpression } from 'ts-morph';
import { bare, lastName } from '../../source/definition.ts';
import { nodesOfKind } from '../../source/nodes.ts';
import type { PrismaModel } from '../schema/prisma-schema.ts';
import { accessAt, NOTHING, type Effect, type FoundAccess, type TableReader } from './reader.ts';

const READS = /^(find(Unique|First|Many)(OrThrow)?|count|aggregate|groupBy)$/;
const WRITES = /^(create|update|upsert|delete)(Many(AndReturn)?)?$/;

/** `prisma.order.findMany()` with the models that it includes. The client is known by the name of a model below it. */
export const readPrisma: TableReader = (file, source, { prismaModels }) => {
  if (prismaModels.length === 0) return NOTHING;
  const byProperty = new Map(prismaModels.map((model) => [lowerFirst(model.name), model]));
  const byName = new Map(prismaModels.map((model) => [model.name, model]));
  const accesses: FoundAccess[] = [];
  for (const call of nodesOfKind(source, SyntaxKind.CallExpression)) {
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) continue;
    const method = callee.getName();
    const object = bare(callee.getExpression());
    const model = Node.isPropertyAccessExpression(object) ? byProperty.get(object.getName()) : undefined;
    if (model === undefined || !(READS.test(method) || WRITES.test(method))) continue;
    accesses.push(accessAt(file, call, model.table, effectOf(method)));
    for (const included of includedBy(call, model, byName))
      accesses.push(accessAt(file, included.node, included.model.table, 'read'));
  }
  return { accesses, unread: [], ddl: [] };
};

const effectOf = (method: string): Effect =>
  /^(create|upsert)/.test(method) ? 'insert' : WRITES.test(method) ? 'write' : 'read';

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Models below `include` and `select`, at any depth. */
function includedBy(
  call: CallExpression,
  model: PrismaModel,
  byName: ReadonlyMap<string, PrismaModel>,
): readonly { readonly node: Node; readonly model: PrismaModel }[] {
  const [options] = call.getArguments();
  const visit = (
    node: Node | undefined,
    of: PrismaModel,
  ): readonly { readonly node: Node; readonly model: PrismaModel }[] => {
    if (!Node.isObjectLiteralExpression(node)) return [];
    return node.getProperties().flatMap((property) => {
      if (!Node.isPropertyAssignment(property) || !/^(include|select)$/.test(property.getName())) return [];
      const fields = property.getInitializer();
      if (!Node.isObjectLiteralExpression(fields)) return [];
      return fields.getProperties().flatMap((field) => {
        if (!Node.isPropertyAssignment(field)) return [];
        const related = byName.get(of.fields.find(({ name }) => name === field.getName())?.type ?? '');
        if (related === undefined) return [];
        return [{ node: field, model: related }, ...visit(field.getInitializer(), related)];
      });
    });
  };
  return lastName(call.getExpression()) === '' ? [] : visit(options, model);
}
