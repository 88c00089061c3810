import { PlatformError } from '../../../contracts/errors.ts';
import type { Catalog, Relation } from '../../catalog/catalog.ts';

/** A table as it was asked for: raw parts, folded as SQL folds them. */
export interface TableName {
  readonly schema: string | null;
  readonly name: string;
  readonly asked: string;
}

/**
 * Parses a list of SQL identifiers: `a,"B",s.c`; a newline separates as a comma does. Quotes may hold either.
 *
 * @throws PlatformError `usage`, with the place of the fault.
 */
export function parseTableList(text: string): TableName[] {
  const names: TableName[] = [];
  let at = 0;
  const fail = (problem: string): never => {
    const place = `at character ${at + 1} of ${JSON.stringify(text)}`;
    throw new PlatformError(
      'usage',
      `--tables: ${problem} ${place}. Write SQL identifiers such as a,"B",s.c`,
    );
  };
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0] ?? '';
    at += match.length;
    return match;
  };
  const part = (): string => {
    const quoted = skip(/"(?:[^"]|"")+"/y);
    if (quoted !== '') return quoted.slice(1, -1).replaceAll('""', '"');
    const plain = skip(/[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy);
    if (plain === '') return fail(text[at] === '"' ? 'a quote that never ends' : 'a name is missing');
    // the server folds ASCII only in multi-byte encodings
    return plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  };
  for (;;) {
    skip(/[\s,]*/y);
    if (at >= text.length) break;
    const from = at;
    const parts = [part()];
    while (skip(/[ \t]*\.[ \t]*/y) !== '') parts.push(part());
    const asked = text.slice(from, at);
    skip(/[ \t]*/y);
    if (at < text.length && !/[,\r\n]/.test(text[at] ?? '')) fail('a comma is missing');
    if (parts.length > 2) fail('a name has at most a schema and a table');
    const [first = '', second] = parts;
    names.push(
      second === undefined ? { schema: null, name: first, asked } : { schema: first, name: second, asked },
    );
  }
  if (names.length === 0) fail('no table is named');
  return names;
}

/** The relation that a name means to a plain connection; `null` when there is none. */
export function findRelation(catalog: Catalog, name: TableName): Relation | null {
  const schemas = name.schema === null ? catalog.server.searchPath : [name.schema];
  for (const schema of schemas) {
    const hit = catalog.relations.find(
      (r) => r.kind !== 'c' && r.rawSchema === schema && r.rawName === name.name,
    );
    if (hit !== undefined) return hit;
  }
  return null;
}
