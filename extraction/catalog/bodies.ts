import { loadSqlParser } from '../../contracts/sql-parser.ts';
import { emptyReferences, readWords, type Found, type Names, type Reading } from './body-names.ts';
import { userTypesOf } from './body-operators.ts';
import { readPlpgsql } from './body-plpgsql.ts';
import { readSql } from './body-sql.ts';
import { addNamed, addTextsOfUnknownUse } from './body-texts.ts';
import type { BodyReferences, FunctionRow } from './functions.ts';

/**
 * Reads the names in a function's body, which pg_depend does not record: a body is text until it runs. Names without an
 * object in the catalogs (CTEs, temporary tables, built-ins) are ignored.
 */
export async function readBody(fn: FunctionRow, names: Names): Promise<BodyReferences> {
  const found = emptyReferences();
  const reading = { found, names, path: pathOf(fn, names) };
  if (fn.source !== null && !fn.atomic && fn.definition !== null) {
    await loadSqlParser();
    if (fn.language === 'plpgsql') readPlpgsql(fn.definition, reading);
    else if (fn.language === 'sql') readSql(fn.source, reading);
    else found.unparsed = true;
    if (found.unparsed) readUnparsed(fn.source, reading);
    addTextsOfUnknownUse(reading);
  }
  if (fn.textSearchConfig !== null) addNamed('regconfig', fn.textSearchConfig, reading);
  return referencesOf(found);
}

/** A body in another language, or one that the parser does not accept: its words and its quoted texts may be names. */
function readUnparsed(source: string, reading: Reading): void {
  readWords(source, reading);
  for (const [, single, double] of source.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g))
    reading.found.texts.add(single ?? double ?? '');
}

/** The references of a body that is not read: a member of an extension comes with all that it needs. */
export const noReferences = (): BodyReferences => referencesOf(emptyReferences());

const referencesOf = (found: Found): BodyReferences => ({
  relations: [...found.relations],
  sequences: [...found.sequences],
  functions: [...found.functions],
  operators: [...found.operators].map((row) => ({ oid: row.oid, types: userTypesOf(row) })),
  types: [...found.types],
  objects: [...found.objects],
  roles: [...found.roles],
  computes: [...found.computes],
  dynamic: found.dynamic,
  reliesOnPath: found.reliesOnPath,
  computesSequence: found.computesSequence,
  unparsed: found.unparsed,
});

function pathOf(fn: FunctionRow, names: Names): readonly string[] {
  if (fn.path === null) return names.searchPath;
  return fn.path
    .split(',')
    .map((part) => part.trim())
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()))
    .filter((part) => part !== '');
}
