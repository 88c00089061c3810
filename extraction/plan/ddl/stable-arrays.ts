import type { Catalog } from '../../catalog/catalog.ts';

/**
 * `status IN ('a', 'b')` over a varchar column is stored as a cast of the whole array, and shown as
 * `(status)::text = ANY ((ARRAY['a'::character varying, …])::text[])`. Parsed again, that cast moves into
 * every element and changes the definition, as in a restored pg_dump. Without the explicit cast, the server adds it in
 * the original place, because the operator takes text.
 */
export function keepArrayCasts(sql: string): string {
  if (!sql.includes('])::text[])')) return sql;
  let kept = '';
  let at = 0;
  for (const { open, close } of castArrays(sql)) {
    kept += `${sql.slice(at, open)}(${sql.slice(open + 2, close + 1)})`;
    at = close + CLOSING.length;
  }
  return kept + sql.slice(at);
}

const OPENING = /\b(?:ANY|ALL) (?=\(\(ARRAY\[)/y;
const CLOSING = '])::text[])';
const QUOTED = /E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"/sy;

/** Positions of each `((ARRAY[` and its `]`, outside quotes. */
function* castArrays(sql: string): Generator<{ readonly open: number; readonly close: number }> {
  for (let at = 0; at < sql.length;) {
    const quoted = match(QUOTED, sql, at);
    const opening = quoted === 0 ? match(OPENING, sql, at) : 0;
    if (opening > 0) {
      const open = at + opening;
      const close = bracketEnd(sql, open + '((ARRAY'.length);
      if (sql.startsWith(CLOSING, close) && sql.slice(open, close).includes('::character varying'))
        yield { open, close };
    }
    at += Math.max(1, quoted);
  }
}

function bracketEnd(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += Math.max(1, match(QUOTED, sql, at))) {
    if (sql[at] === '[') depth++;
    else if (sql[at] === ']' && --depth === 0) return at;
  }
  return sql.length;
}

function match(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0].length ?? 0;
}

/** Applies `keepArrayCasts` to every definition of the catalog. */
export function keepArrayCastsOf(catalog: Catalog): Catalog {
  const keep = <T extends { readonly definition: string }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, definition: keepArrayCasts(item.definition) }));
  const text = (sql: string | null): string | null => (sql === null ? null : keepArrayCasts(sql));
  return {
    ...catalog,
    constraints: keep(catalog.constraints),
    indexes: keep(catalog.indexes),
    triggers: keep(catalog.triggers),
    rules: keep(catalog.rules),
    statistics: keep(catalog.statistics),
    policies: catalog.policies.map((policy) => ({
      ...policy,
      using: text(policy.using),
      check: text(policy.check),
    })),
    relations: catalog.relations.map((relation) => ({
      ...relation,
      definition: text(relation.definition),
      columns: relation.columns.map((column) => ({ ...column, expression: text(column.expression) })),
    })),
  };
}
