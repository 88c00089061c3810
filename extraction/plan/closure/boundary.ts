import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Constraint, Key, Relation } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { isBuiltIn, reach, relationKey, type Graph } from './graph.ts';
import { isTable } from './members.ts';
import type { Selection } from './selection.ts';

/** What crosses the line around the chosen tables, and what becomes of it. */
export interface Boundary {
  readonly findings: readonly Finding[];
  /** Foreign keys that stay behind. */
  readonly lostKeys: readonly Constraint[];
  /** Triggers whose functions reach outside. */
  readonly lostTriggers: ReadonlySet<string>;
  /** Views wholly inside. */
  readonly views: readonly Relation[];
}

/** Pure: reads the catalog only. */
export function drawBoundary(
  catalog: Catalog,
  graph: Graph,
  selection: Selection,
  options: { readonly severIncoming: boolean },
): Boundary {
  const findings: Finding[] = [];
  const inside = selection.oids;
  const nameOf = (key: Key): string => graph.relations.get(key.slice(9))?.name ?? key;
  const isOutside = (key: Key): boolean =>
    isTable(graph, key) && !inside.has(key.slice(9)) && catalog.members[key] === undefined;
  const stop = (key: Key): boolean =>
    isTable(graph, key) || isBuiltIn(key) || catalog.members[key] !== undefined;
  /** Tables that stay behind and that `key` touches, directly or through functions and views. */
  const outside = (key: Key): string[] =>
    [...reach(graph.uses, [key], stop)].filter(isOutside).map(nameOf).sort();

  const lostKeys: Constraint[] = [];
  for (const key of catalog.constraints) {
    if (key.kind !== 'f' || key.table === null || key.refersTo === null) continue;
    const from = graph.relations.get(key.table);
    const to = graph.relations.get(key.refersTo);
    if (from === undefined || to === undefined) continue;
    const object = `${key.name} ON ${from.name}`;
    if (inside.has(from.oid) && !inside.has(to.oid)) {
      lostKeys.push(key);
      if (key.parent === null || !inside.has(parentTable(catalog, key.parent)))
        findings.push(
          finding({ severity: 'warning', code: 'foreign-key-outgoing', object, message: `Foreign key ${object} refers to ${to.name}, which stays behind: the constraint goes; its columns and indexes stay, and a comment on the columns names the lost reference`, remedy: `Let the service check ${to.name} by its API.` }),
        );
    } else if (!inside.has(from.oid) && inside.has(to.oid) && (key.parent === null || inside.has(parentTable(catalog, key.parent))))
      findings.push(
        options.severIncoming
          ? finding({ severity: 'warning', code: 'foreign-key-incoming', object, message: `Foreign key ${object} refers to ${to.name}, which moves: it goes on pointing at the table in the source`, remedy: 'Drop it in the source when the table there is retired.' })
          : finding({ severity: 'error', code: 'foreign-key-incoming', object, message: `Foreign key ${object} refers to ${to.name}, which moves: rows of ${from.name} would refer to a table in another database`, remedy: `Move ${from.name} too, or accept the loss with --sever-incoming.` }),
      );
  } // prettier-ignore

  const lostTriggers = new Set<string>();
  for (const trigger of catalog.triggers) {
    const table = graph.relations.get(trigger.table);
    if (table === undefined) continue;
    const touched = outside(`pg_trigger:${trigger.oid}`);
    if (!inside.has(table.oid) || touched.length === 0) continue;
    lostTriggers.add(trigger.oid);
    if (trigger.parent === null)
      findings.push(finding({ severity: 'warning', code: 'trigger-crosses', object: `${trigger.name} ON ${table.name}`, message: `Trigger ${trigger.name} ON ${table.name} touches ${touched.join(', ')} through its function, which stays behind: the trigger is left out`, remedy: 'Let the service do what the trigger did, or move those tables too.' })); // prettier-ignore
  }
  for (const policy of catalog.policies)
    refuseCrossing(policy.table, `pg_policy:${policy.oid}`, `${policy.name} ON`, 'policy-crosses', 'Policy');
  for (const rule of catalog.rules)
    if (!rule.isReturn)
      refuseCrossing(rule.relation, `pg_rewrite:${rule.oid}`, `${rule.name} ON`, 'rule-crosses', 'Rule');
  for (const constraint of catalog.constraints)
    if (constraint.kind !== 'f' && constraint.table !== null)
      refuseCrossing(
        constraint.table,
        `pg_constraint:${constraint.oid}`,
        `${constraint.name} ON`,
        'constraint-crosses',
        'Constraint',
      );
  for (const index of catalog.indexes)
    refuseCrossing(index.table, relationKey(index.oid), index.name, 'index-crosses', 'Index');
  for (const item of catalog.statistics)
    refuseCrossing(item.table, `pg_statistic_ext:${item.oid}`, item.name, 'statistics-crosses', 'Statistics');

  function refuseCrossing(tableOid: string, key: Key, label: string, code: string, word: string): void {
    const table = graph.relations.get(tableOid);
    if (table === undefined) return;
    const object = label.endsWith(' ON') ? `${label} ${table.name}` : label;
    if (!inside.has(tableOid)) {
      const touched = [...reach(graph.uses, [key], stop)].filter((k) => isTable(graph, k) && inside.has(k.slice(9)));
      // what stands on a view is told with the view
      if (touched.length > 0 && isTable(graph, relationKey(tableOid)))
        findings.push(finding({ severity: 'warning', code: `${code}-inward`, object, message: `${word} ${object} stays behind and goes on reading ${touched.map(nameOf).join(', ')} in the source`, remedy: 'Change it before the tables there are retired.' }));
      return;
    }
    const touched = outside(key);
    if (touched.length > 0)
      findings.push(finding({ severity: 'error', code, object, message: `${word} ${object} reads ${touched.join(', ')}, which stays behind: without it the table would mean something else`, remedy: `Move ${touched.join(', ')} too, or take it off the table.` }));
  } // prettier-ignore

  for (const table of selection.tables) {
    for (const column of table.columns) {
      if (column.expressionOid === null) continue;
      const touched = outside(`pg_attrdef:${column.expressionOid}`);
      if (touched.length > 0)
        findings.push(finding({ severity: 'error', code: 'default-crosses', object: `${table.name}.${column.name}`, message: `${column.generated === '' ? 'The default' : 'The expression'} of ${table.name}.${column.name} reads ${touched.join(', ')}, which stays behind`, remedy: `Move ${touched.join(', ')} too, or change the default.` })); // prettier-ignore
    }
    const touched = outside(relationKey(table.oid));
    const parents = new Set(table.parents.map((oid) => graph.relations.get(oid)?.name));
    const types = touched.filter((name) => !parents.has(name));
    if (types.length > 0)
      findings.push(finding({ severity: 'error', code: 'type-crosses', object: table.name, message: `${table.name} has a column whose type is the row type of ${types.join(', ')}, or needs it, which stays behind`, remedy: `Move ${types.join(', ')} too.` })); // prettier-ignore
  }

  const views: Relation[] = [];
  for (const view of catalog.relations) {
    if ((view.kind !== 'v' && view.kind !== 'm') || catalog.members[relationKey(view.oid)] !== undefined)
      continue;
    const direct = [...reach(graph.uses, [relationKey(view.oid)], stop)];
    if (!direct.some((key) => isTable(graph, key) && inside.has(key.slice(9)))) continue;
    const touched = direct.filter(isOutside).map(nameOf).sort();
    if (touched.length === 0) views.push(view);
    else
      findings.push(finding({ severity: 'warning', code: 'view-crosses', object: view.name, message: `${view.kind === 'm' ? 'Materialized view' : 'View'} ${view.name} reads tables on both sides (${touched.join(', ')} stays behind): it is left out`, remedy: 'Make it anew over the service\'s API, or move those tables too.' })); // prettier-ignore
  }
  return { findings, lostKeys, lostTriggers, views };
}

function parentTable(catalog: Catalog, constraint: string): string {
  return catalog.constraints.find((item) => item.oid === constraint)?.table ?? '';
}

/** Functions outside the closure that touch what moves, shared sequences, publications and their like. */
export function listBystanders(
  catalog: Catalog,
  graph: Graph,
  selection: Selection,
  included: ReadonlySet<Key>,
): Finding[] {
  const inside = selection.oids;
  const findings: Finding[] = [];
  for (const fn of catalog.functions) {
    const key: Key = `pg_proc:${fn.oid}`;
    if (included.has(key) || catalog.members[key] !== undefined) continue;
    const touched = [...(graph.uses.get(key) ?? [])].filter((k) => k.startsWith('pg_class:') && inside.has(k.slice(9)));
    if (touched.length > 0)
      findings.push(finding({ severity: 'warning', code: 'function-left-behind', object: fn.identity, message: `${fn.identity} touches ${touched.map((k) => graph.relations.get(k.slice(9))?.name ?? k).join(', ')} and is needed by nothing that moves: it stays behind`, remedy: 'Move it by hand if the service calls it.' })); // prettier-ignore
  }
  for (const sequence of catalog.sequences) {
    if (!included.has(relationKey(sequence.oid))) continue;
    const users = catalog.relations.filter((relation) =>
      !inside.has(relation.oid) && relation.columns.some((column) => column.expressionOid !== null && graph.needs.get(`pg_attrdef:${column.expressionOid}`)?.has(relationKey(sequence.oid)) === true));
    const owner = sequence.ownedBy === null ? undefined : graph.relations.get(sequence.ownedBy.table);
    const foreign = owner !== undefined && !inside.has(owner.oid) ? owner : undefined;
    if (users.length > 0 || foreign !== undefined)
      findings.push(finding({ severity: 'warning', code: 'sequence-shared', object: sequence.name, message: `Sequence ${sequence.name} is also used by ${[...new Set([...users.map((u) => u.name), ...(foreign === undefined ? [] : [foreign.name])])].join(', ')}, which stays behind: it is copied, and from then on each side counts for itself${foreign === undefined ? '' : '; in the target no column owns it'}`, remedy: 'Where numbers must stay unique across both, give each side its own range.' }));
  } // prettier-ignore
  for (const item of catalog.bystanders) {
    const touched = item.tables.filter((oid) => inside.has(oid)).map((oid) => graph.relations.get(oid)?.name ?? oid);
    if (item.kind === 'publication' && touched.length > 0)
      findings.push(finding({ severity: 'warning', code: 'publication', object: item.name, message: `Publication ${item.name} sends ${touched.join(', ')}: it stays in the source, and the target is in no publication`, remedy: 'Publish the target anew if subscribers need it.' }));
    else if (item.kind === 'subscription' && touched.length > 0)
      findings.push(finding({ severity: 'warning', code: 'subscription', object: item.name, message: `Subscription ${item.name} fills ${touched.join(', ')}: it stays in the source, and the target receives nothing from it`, remedy: 'Subscribe the target anew if it needs those rows.' }));
    else if (item.kind === 'event trigger')
      findings.push(finding({ severity: 'warning', code: 'event-trigger', object: item.name, message: `Event trigger ${item.name} (${item.detail}) belongs to the whole source database: it is not copied`, remedy: 'Create it in the target by hand if the service needs it.' }));
    else if (item.kind === 'security label' && touched.length > 0)
      findings.push(finding({ severity: 'error', code: 'security-label', object: item.name, message: `${item.name} carries a security label (${item.detail}) that cannot be carried over`, remedy: 'Remove the label, or move the table by hand.' }));
  }
  for (const index of catalog.indexes)
    if (inside.has(index.table) && !index.valid && graph.relations.get(index.table)?.kind !== 'p')
      findings.push(finding({ severity: 'warning', code: 'index-invalid', object: index.name, message: `Index ${index.name} is invalid (a CREATE INDEX CONCURRENTLY that failed): it is left out`, remedy: 'Drop it or REINDEX it in the source.' }));
  for (const constraint of catalog.constraints)
    if (constraint.table !== null && inside.has(constraint.table) && !constraint.validated && constraint.kind !== 'n')
      findings.push(finding({ severity: 'info', code: 'constraint-not-valid', object: `${constraint.name} ON ${graph.relations.get(constraint.table)?.name ?? ''}`, message: `${constraint.name} is NOT VALID in the source and stays so` }));
  return findings;
} // prettier-ignore
