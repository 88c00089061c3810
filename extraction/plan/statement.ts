import type { Statement } from './plan.ts';

export const statement = (id: string, sql: string, rest: Partial<Statement> = {}): Statement => ({
  id,
  sql,
  undo: '',
  locks: [],
  ...rest,
});

/** Statements of one object, in order. */
export const statements = (id: string, sqls: readonly string[]): Statement[] =>
  sqls.map((sql) => statement(id, sql));

const ADDRESS =
  /^(MATERIALIZED VIEW|TEXT SEARCH (?:CONFIGURATION|DICTIONARY|PARSER|TEMPLATE)|OPERATOR (?:CLASS|FAMILY)|[A-Z]+) (.*)$/s;

/** `DROP FUNCTION IF EXISTS public.f(integer) CASCADE` */
export function dropOf(address: string): string {
  const [, kind = '', name = ''] = ADDRESS.exec(address) ?? [];
  return `DROP ${kind} IF EXISTS ${name} CASCADE`;
}
