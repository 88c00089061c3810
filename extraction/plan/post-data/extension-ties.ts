import type { Key } from '../../catalog/catalog.ts';
import { relationKey } from '../closure/graph.ts';
import { functionWord } from '../ddl/functions.ts';
import type { PlanInput } from '../input.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';

/** `ALTER … DEPENDS ON EXTENSION`: objects that are dropped together with an extension. */
export function tieToExtensions({ catalog, graph, kept, boundary, included }: PlanInput): Statement[] {
  const addresses = new Map<Key, string>([
    ...catalog.functions.flatMap((fn): [Key, string][] =>
      included.has(`pg_proc:${fn.oid}`) ? [[`pg_proc:${fn.oid}`, `${functionWord(fn)} ${fn.identity}`]] : [],
    ),
    ...kept.indexes.map((index): [Key, string] => [relationKey(index.oid), `INDEX ${index.name}`]),
    ...kept.triggers.map((trigger): [Key, string] => [
      `pg_trigger:${trigger.oid}`,
      `TRIGGER ${trigger.name} ON ${graph.relations.get(trigger.table)?.name ?? ''}`,
    ]),
    ...boundary.views.map((view): [Key, string] => [relationKey(view.oid), `MATERIALIZED VIEW ${view.name}`]),
  ]);
  return catalog.dependencies.flatMap(({ from, to, kind }) => {
    const address = addresses.get(from);
    const extension = catalog.extensions.find((item) => `pg_extension:${item.oid}` === to);
    if (kind !== 'x' || address === undefined || extension === undefined) return [];
    return [statement('DEPENDS', `ALTER ${address} DEPENDS ON EXTENSION ${extension.name}`)];
  });
}
