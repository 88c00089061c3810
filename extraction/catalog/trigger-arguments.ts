import { parseSql } from '../../contracts/sql-parser.ts';

/** The arguments in a CREATE TRIGGER statement. Needs `loadSqlParser`. */
export function triggerArgumentsOf(definition: string): readonly string[] {
  if (/\(\)$/.test(definition)) return [];
  const { stmts } = parseSql(definition) as { stmts: { stmt: { CreateTrigStmt: Parsed } }[] };
  return (stmts[0]?.stmt.CreateTrigStmt.args ?? []).map((arg) => arg.String.sval ?? '');
}

interface Parsed {
  readonly args?: readonly { readonly String: { readonly sval?: string } }[];
}
