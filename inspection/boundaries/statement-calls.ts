import { fingerprintSql } from '../../contracts/sql-parser.ts';
import { usesOf } from './schema/read-ddl.ts';
import type { DatabaseFacts } from './types.ts';

/** How often statements and tables are used, according to pg_stat_statements. */
export interface Calls {
  /** `null` when the statement was not counted. */
  readonly ofStatement: (sql: string) => number | null;
  readonly ofTable: (table: string) => number | null;
}

const UNKNOWN: Calls = { ofStatement: () => null, ofTable: () => null };

/** Matches statements by PostgreSQL's fingerprint, which ignores constants, parameters and the layout. */
export function countCalls(statements: DatabaseFacts['statements']): Calls {
  if (statements === null) return UNKNOWN;
  const byPrint = new Map<string, number>();
  const byTable = new Map<string, number>();
  for (const { sql, calls } of statements) {
    const print = printOf(sql);
    if (print === null) continue;
    byPrint.set(print, (byPrint.get(print) ?? 0) + calls);
    for (const table of new Set(usesOf(sql).map((use) => use.table)))
      byTable.set(table, (byTable.get(table) ?? 0) + calls);
  }
  return {
    ofStatement: (sql) => byPrint.get(printOf(sql) ?? '') ?? null,
    ofTable: (table) => byTable.get(table) ?? 0,
  };
}

function printOf(sql: string): string | null {
  try {
    return fingerprintSql(sql);
  } catch {
    return null; // pg_stat_statements truncates long texts
  }
}
