import type { Relation } from '../../catalog/catalog.ts';
import { nameOf, type Assembly } from '../assembly.ts';
import { createPolicy, createRule, createTrigger } from '../ddl/triggers.ts';
import { finishTable } from '../ddl/tables.ts';
import type { Statement } from '../plan.ts';
import { statement, statements } from '../statement.ts';

export const relationsOf = ({ selection, boundary }: Assembly): Relation[] => [
  ...selection.tables,
  ...boundary.views,
];

/** Extended statistics. */
export const createStatistics = ({ kept, owners }: Assembly): Statement[] =>
  kept.statistics.flatMap(({ name, definition, target, owner }) =>
    statements(`STATISTICS ${name}`, [
      definition,
      ...(target === null ? [] : [`ALTER STATISTICS ${name} SET STATISTICS ${target}`]),
      `ALTER STATISTICS ${name} OWNER TO ${owners.ownerOf(owner)}`,
    ]),
  );

/** Rules and triggers of each relation; clones on partitions come with their parent's trigger and are altered last. */
export function createRulesAndTriggers(assembly: Assembly): Statement[] {
  const relations = relationsOf(assembly);
  return [
    ...relations.flatMap((relation) => [...rulesOf(assembly, relation), ...triggersOf(assembly, relation)]),
    ...relations.flatMap((relation) => clonedTriggersOf(assembly, relation)),
  ];
}

const rulesOf = ({ kept }: Assembly, { oid, name }: Relation): Statement[] =>
  kept.rules
    .filter((rule) => rule.relation === oid)
    .flatMap((rule) => statements(`RULE ${rule.name} ON ${name}`, createRule(rule, name)));

const triggersOf = ({ kept }: Assembly, { oid, name, kind }: Relation): Statement[] =>
  kept.triggers
    .filter((trigger) => trigger.table === oid && trigger.parent === null)
    .flatMap((trigger) =>
      statements(`TRIGGER ${trigger.name} ON ${name}`, createTrigger(trigger, name, kind !== 'p')),
    );

const clonedTriggersOf = ({ kept }: Assembly, { oid, name }: Relation): Statement[] =>
  kept.triggers
    .filter((trigger) => trigger.table === oid && trigger.parent !== null)
    .flatMap((trigger) =>
      statements(`TRIGGER ${trigger.name} ON ${name}`, createTrigger(trigger, name, true)),
    );

export const createPolicies = (assembly: Assembly): Statement[] =>
  assembly.kept.policies.map((policy) => {
    const table = nameOf(assembly, policy.table);
    return statement(`POLICY ${policy.name} ON ${table}`, createPolicy(policy, table));
  });

/** Replica identity, clustering and row security: settings that need the rows and indexes. */
export const finishTables = (assembly: Assembly): Statement[] =>
  relationsOf(assembly)
    .filter((relation) => relation.kind !== 'v')
    .flatMap((relation) => {
      const indexes = assembly.kept.indexes.filter((index) => index.table === relation.oid);
      const replica = indexes.find((index) => index.replicaIdentity)?.bareName ?? null;
      const cluster = indexes.find((index) => index.clustered)?.bareName ?? null;
      return statements(`FINISH ${relation.name}`, finishTable(relation, replica, cluster));
    });
