import type { Key, SchemaObject } from '../catalog/catalog.ts';
import { relationKey } from './closure/graph.ts';
import { grantStatements } from './ddl/acl.ts';
import { createIndex } from './ddl/indexes.ts';
import { finishTable, setDefault } from './ddl/tables.ts';
import { createPolicy, createRule, createTrigger } from './ddl/triggers.ts';
import type { Owners } from './owners.ts';
import type { Parts } from './parts.ts';
import type { Statement } from './plan.ts';
import { statement } from './assemble.ts';
import { serviceGrants } from './service-grants.ts';
import { tieToExtensions } from './assemble-extension-ties.ts';
import { assembleComments } from './assemble-comments.ts';
import type { Made } from './things.ts';

export interface AfterParts {
  readonly parts: Parts;
  readonly owners: Owners;
  readonly made: ReadonlyMap<Key, Made>;
  readonly later: readonly { readonly item: Made; readonly statements: readonly Statement[] }[];
  /** Definitions of views that began as shells. */
  readonly replaced: readonly Statement[];
  /** At the very end: default privileges would reach what is made after them. */
  readonly surroundings: readonly Statement[];
  readonly newSchemas: readonly SchemaObject[];
}

/** What stands on complete tables: views, triggers, rules, policies, comments, and at the very end the privileges. */
export function assembleAfter(all: AfterParts): Statement[] {
  const { parts, owners, made, later } = all;
  const { catalog, graph, selection, boundary, kept } = parts;
  const after: Statement[] = [];
  const push = (id: string, sqls: readonly string[]): void => {
    for (const sql of sqls) after.push(statement(id, sql));
  };
  for (const item of made.values())
    for (const check of item.later)
      push(`CONSTRAINT ${check.name}`, [
        `ALTER DOMAIN ${item.thing.name} ADD CONSTRAINT ${check.name} ${check.definition}`,
      ]);
  const views = new Map(boundary.views.map((view) => [relationKey(view.oid), view]));
  for (const { statements } of later) after.push(...statements);
  after.push(...all.replaced);
  for (const { item } of later) {
    const view = views.get(item.key);
    if (view?.kind !== 'm') continue;
    if (view.populated) push(`REFRESH ${view.name}`, [`REFRESH MATERIALIZED VIEW ${view.name}`]);
    for (const index of kept.indexes)
      if (index.table === view.oid)
        push(`INDEX ${index.name}`, createIndex({ index, table: view.name, constraint: null, partitioned: false, tablespace: null }));
  } // prettier-ignore
  for (const view of boundary.views)
    for (const column of view.columns)
      if (column.expression !== null) push(`DEFAULT ${view.name}.${column.name}`, [setDefault(view, column)]);

  for (const item of kept.statistics) {
    push(`STATISTICS ${item.name}`, [
      item.definition,
      ...(item.target === null ? [] : [`ALTER STATISTICS ${item.name} SET STATISTICS ${item.target}`]),
      `ALTER STATISTICS ${item.name} OWNER TO ${owners.ownerOf(item.owner)}`,
    ]);
  }
  const relations = [...selection.tables, ...boundary.views];
  for (const relation of relations) {
    for (const rule of kept.rules)
      if (rule.relation === relation.oid) push(`RULE ${rule.name} ON ${relation.name}`, createRule(rule, relation.name));
    for (const trigger of kept.triggers)
      if (trigger.table === relation.oid && trigger.parent === null)
        push(`TRIGGER ${trigger.name} ON ${relation.name}`, createTrigger(trigger, relation.name, relation.kind !== 'p'));
  } // prettier-ignore
  for (const relation of relations)
    for (const trigger of kept.triggers)
      if (trigger.table === relation.oid && trigger.parent !== null)
        push(`TRIGGER ${trigger.name} ON ${relation.name}`, createTrigger(trigger, relation.name, true));
  for (const policy of kept.policies) {
    const table = graph.relations.get(policy.table)?.name ?? '';
    push(`POLICY ${policy.name} ON ${table}`, [createPolicy(policy, table)]);
  }
  for (const relation of relations) {
    if (relation.kind === 'v') continue;
    const own = kept.indexes.filter((index) => index.table === relation.oid);
    const replica = own.find((index) => index.replicaIdentity)?.bareName ?? null;
    const cluster = own.find((index) => index.clustered)?.bareName ?? null;
    push(`FINISH ${relation.name}`, finishTable(relation, replica, cluster));
  }
  push('DEPENDS', tieToExtensions(parts));
  after.push(...assembleComments(all));

  const version = catalog.server.version;
  for (const schema of all.newSchemas)
    push(`ACL SCHEMA ${schema.name}`, grantStatements({ kind: 'SCHEMA', name: schema.name, owner: owners.ownerOf(schema.owner), acl: owners.grantsOf(schema.acl, schema.owner, `SCHEMA ${schema.name}`), version })); // prettier-ignore
  for (const item of made.values())
    if (item.aclKind !== null)
      push(`ACL ${item.address}`, grantStatements({ kind: item.aclKind, name: item.aclName, owner: owners.ownerOf(item.thing.owner), acl: owners.grantsOf(item.thing.acl, item.thing.owner, item.address), version, prefix: '' })); // prettier-ignore
  for (const sequence of catalog.sequences)
    if (sequence.ownedBy?.identity === true && selection.oids.has(sequence.ownedBy.table))
      push(`ACL SEQUENCE ${sequence.name}`, grantStatements({ kind: 'SEQUENCE', name: sequence.name, owner: owners.ownerOf(sequence.owner), acl: owners.grantsOf(sequence.acl, sequence.owner, `SEQUENCE ${sequence.name}`), version })); // prettier-ignore
  for (const relation of relations) {
    const owner = owners.ownerOf(relation.owner);
    if (selection.oids.has(relation.oid))
      push(`ACL TABLE ${relation.name}`, grantStatements({ kind: 'TABLE', name: relation.name, owner, acl: owners.grantsOf(relation.acl, relation.owner, relation.name), version }));
    for (const column of relation.columns)
      push(`ACL COLUMN ${relation.name}.${column.name}`, grantStatements({ kind: 'TABLE', name: relation.name, column: column.name, owner, acl: owners.grantsOf(column.acl, relation.owner, `${relation.name}.${column.name}`), version }));
  } // prettier-ignore
  push('ACL SERVICE', serviceGrants(parts));
  after.push(...all.surroundings);
  return after;
}
