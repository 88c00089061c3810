import type { Constraint, Key, Oid } from '../../catalog/catalog.ts';
import { reach, relationKey } from '../closure/graph.ts';
import type { PlanInput } from '../input.ts';

/** Where the check constraints of tables are created. */
export interface Checks {
  /** By table: inside CREATE TABLE, before the rows. */
  readonly inline: ReadonlyMap<Oid, readonly Constraint[]>;
  /** Added when the rows exist. */
  readonly deferred: readonly Constraint[];
  /** Table and function pairs: the function must exist before the table. */
  readonly needs: readonly (readonly [Key, Key])[];
}

export function placeChecks(input: PlanInput): Checks {
  const inline = new Map<Oid, Constraint[]>();
  const deferred: Constraint[] = [];
  const needs: (readonly [Key, Key])[] = [];
  for (const check of input.kept.constraints) {
    const table = input.graph.relations.get(check.table ?? '');
    if (check.kind !== 'c' || table === undefined) continue;
    if (!check.isLocal && !table.isPartition) continue; // created with the parent's
    const functions = functionsOf(input, check);
    if (!check.validated || functions.some((key) => readsRelation(input, key))) {
      if (check.isLocal) deferred.push(check);
      continue;
    }
    inline.set(table.oid, [...(inline.get(table.oid) ?? []), check]);
    for (const key of functions) needs.push([relationKey(table.oid), key]);
  }
  return { inline, deferred, needs };
}

const functionsOf = ({ graph, included }: PlanInput, check: Constraint): Key[] =>
  [...reach(graph.uses, [`pg_constraint:${check.oid}`], () => false)].filter(
    (key) => key.startsWith('pg_proc:') && included.has(key),
  );

/** A function that reads tables, or takes a table's row as argument, works only when the rows exist. */
const readsRelation = ({ catalog, graph }: PlanInput, key: Key): boolean =>
  [...reach(graph.uses, [key], () => false)].some(
    (need) => need.startsWith('pg_class:') || hasConfiguration(catalog, need),
  );

/** The bodies of an extension's functions are not read: they may use its configuration tables. */
const hasConfiguration = ({ extensions, members }: PlanInput['catalog'], key: Key): boolean =>
  extensions.some(({ oid, configuration }) => configuration.length > 0 && members[key] === oid);
