import v8 from 'node:v8';
import type * as LibpgQuery from 'libpg-query';

let parser: typeof LibpgQuery | null = null;

/** Loads PostgreSQL's parser, which the functions below need. Safe to call twice. */
export async function loadSqlParser(): Promise<void> {
  if (parser !== null) return;
  // The optimizing compiler takes 550 MiB for the parser's largest functions, and saves nothing on a few thousand texts.
  // The package compiles as it is imported, so the import comes after the flags.
  v8.setFlagsFromString('--liftoff-only');
  v8.setFlagsFromString('--no-wasm-tier-up');
  v8.setFlagsFromString('--no-wasm-dynamic-tiering');
  const loaded = await import('libpg-query');
  await loaded.loadModule();
  parser = loaded;
}

function loadedParser(): NonNullable<typeof parser> {
  if (parser === null) throw new Error('loadSqlParser() was not called');
  return parser;
}

/** The parse tree of SQL statements. @throws when they are not valid. */
export const parseSql = (sql: string): unknown => loadedParser().parseSync(sql);

/** The parse tree of a CREATE FUNCTION in PL/pgSQL. @throws when its body is not valid. */
export const parsePlpgsql = (definition: string): unknown => loadedParser().parsePlPgSQLSync(definition);

/** PostgreSQL's fingerprint of a statement: the same for other constants, parameters and layout. @throws when it is not valid. */
export const fingerprintSql = (sql: string): string => loadedParser().fingerprintSync(sql);

/** The offset in the text at which {@link parseSql} has failed, in characters; 0 where it is unknown. */
export function positionOf(error: unknown): number {
  return error instanceof loadedParser().SqlError ? (error.sqlDetails?.cursorPosition ?? 0) : 0;
}
