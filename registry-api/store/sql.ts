import pg from 'pg';

/**
 * Quotes an SQL name. All names in SQL text go through here; values are passed as parameters.
 *
 * `quoteName('public', 'a "b"')` returns `"public"."a ""b"""`.
 */
export function quoteName(...parts: readonly string[]): string {
  return parts.map((part) => pg.escapeIdentifier(part)).join('.');
}

/** A text literal, for the few statements that take no parameters (`CREATE ROLE … PASSWORD`, `NOTIFY`, `COMMENT`). */
export function quoteText(value: string): string {
  return pg.escapeLiteral(value);
}
