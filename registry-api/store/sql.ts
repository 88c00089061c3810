import pg from 'pg';

/**
 * The one place where a name becomes part of SQL text. Values never do: they travel as parameters.
 *
 * `quoteName('public', 'a "b"')` gives `"public"."a ""b"""`.
 */
export function quoteName(...parts: readonly string[]): string {
  return parts.map((part) => pg.escapeIdentifier(part)).join('.');
}

/** A text literal, for the few statements that take no parameters (`CREATE ROLE … PASSWORD`, `NOTIFY`, `COMMENT`). */
export function quoteText(value: string): string {
  return pg.escapeLiteral(value);
}
