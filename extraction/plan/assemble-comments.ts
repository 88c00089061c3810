import type { AfterParts } from './assemble-after.ts';
import { statement } from './assemble.ts';
import { relationKey } from './closure/graph.ts';
import { literal } from './ddl/literal.ts';
import type { Statement } from './plan.ts';

/** COMMENT ON everything that carries one, and on every column that lost its reference. */
export function assembleComments({ parts, made, newSchemas }: AfterParts): Statement[] {
  const { catalog, graph, selection, boundary, kept } = parts;
  const found: Statement[] = [];
  const add = (key: string, address: string): void => {
    const text = catalog.comments[key];
    if (text !== undefined)
      found.push(statement(`COMMENT ${address}`, `COMMENT ON ${address} IS ${literal(text)}`));
  };
  for (const schema of newSchemas) add(`pg_namespace:${schema.oid}`, `SCHEMA ${schema.name}`);
  for (const item of made.values()) {
    add(item.key, item.address);
    const type = catalog.types.find((t) => `pg_type:${t.oid}` === item.key);
    const columnsAt = type?.kind === 'c' ? relationKey(type.relation ?? '') : item.key;
    for (const column of item.columns)
      add(`${columnsAt}:${column.number}`, `COLUMN ${item.thing.name}.${column.name}`);
    for (const check of catalog.constraints)
      if (check.domain !== null && `pg_type:${check.domain}` === item.key)
        add(`pg_constraint:${check.oid}`, `CONSTRAINT ${check.name} ON DOMAIN ${item.thing.name}`);
  }
  for (const sequence of catalog.sequences)
    if (sequence.ownedBy?.identity === true && selection.oids.has(sequence.ownedBy.table))
      add(relationKey(sequence.oid), `SEQUENCE ${sequence.name}`);
  // the key of a partition that came with its parent's is told at the parent
  const told = boundary.lostKeys.filter(
    (key) => !boundary.lostKeys.some((parent) => parent.oid === key.parent),
  );
  const nameOf = (oid: string | null): string => graph.relations.get(oid ?? '')?.name ?? '';
  for (const table of selection.tables) {
    add(relationKey(table.oid), `TABLE ${table.name}`);
    for (const column of table.columns) {
      const lost = told.filter((key) => key.table === table.oid && key.columnNumbers.includes(column.number));
      const own = catalog.comments[`${relationKey(table.oid)}:${column.number}`];
      if (lost.length === 0) add(`${relationKey(table.oid)}:${column.number}`, `COLUMN ${table.name}.${column.name}`);
      else {
        const notes = lost.map((key) => `Referred to ${nameOf(key.refersTo)} by ${key.name} before this table moved: ${key.definition}`);
        const address = `COLUMN ${table.name}.${column.name}`;
        found.push(statement(`COMMENT ${address}`, `COMMENT ON ${address} IS ${literal([...(own === undefined ? [] : [own]), ...notes].join('\n'))}`));
      }
    }
  } // prettier-ignore
  for (const index of kept.indexes) add(relationKey(index.oid), `INDEX ${index.name}`);
  for (const c of kept.constraints)
    if (c.table !== null) add(`pg_constraint:${c.oid}`, `CONSTRAINT ${c.name} ON ${nameOf(c.table)}`);
  for (const t of kept.triggers)
    if (t.parent === null) add(`pg_trigger:${t.oid}`, `TRIGGER ${t.name} ON ${nameOf(t.table)}`);
  for (const r of kept.rules) add(`pg_rewrite:${r.oid}`, `RULE ${r.name} ON ${nameOf(r.relation)}`);
  for (const p of kept.policies) add(`pg_policy:${p.oid}`, `POLICY ${p.name} ON ${nameOf(p.table)}`);
  for (const s of kept.statistics) add(`pg_statistic_ext:${s.oid}`, `STATISTICS ${s.name}`);
  for (const e of catalog.extensions)
    if (parts.extensions.has(e.oid) && parts.target.installed[e.rawName] === undefined)
      add(`pg_extension:${e.oid}`, `EXTENSION ${e.name}`);
  return found;
}
