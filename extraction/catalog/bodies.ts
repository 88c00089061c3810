import { loadModule } from 'libpg-query';
import { emptyReferences, readWords, type Names } from './body-names.ts';
import { userTypesOf } from './body-operators.ts';
import { readPlpgsql } from './body-plpgsql.ts';
import { readSql } from './body-sql.ts';
import type { BodyReferences, FunctionRow } from './functions.ts';

/**
 * Reads the names in a function's body, which pg_depend does not record: a body is text until it runs. Names without an
 * object in the catalogs (CTEs, temporary tables, built-ins) are ignored.
 */
export async function readBody(fn: FunctionRow, names: Names): Promise<BodyReferences> {
  const found = emptyReferences();
  if (fn.source !== null && !fn.atomic && fn.definition !== null) {
    await loadModule();
    const path = pathOf(fn, names);
    if (fn.language === 'plpgsql') readPlpgsql(fn.definition, { found, names, path });
    else readSql(fn.source, { found, names, path });
    if (found.unparsed) readWords(fn.source, { found, names, path });
  }
  return {
    relations: [...found.relations],
    sequences: [...found.sequences],
    functions: [...found.functions],
    operators: [...found.operators].map((row) => ({ oid: row.oid, types: userTypesOf(row) })),
    types: [...found.types],
    dynamic: found.dynamic,
    reliesOnPath: found.reliesOnPath,
    computesSequence: found.computesSequence,
    unparsed: found.unparsed,
  };
}

/** Names in one expression, such as a default that holds the name of a sequence as text. */
export async function readExpression(
  text: string,
  names: Names,
): Promise<Pick<BodyReferences, 'sequences' | 'relations'>> {
  await loadModule();
  const found = emptyReferences();
  readSql(`SELECT ${text}`, { found, names, path: names.searchPath });
  return { sequences: [...found.sequences], relations: [...found.relations] };
}

function pathOf(fn: FunctionRow, names: Names): readonly string[] {
  if (fn.path === null) return names.searchPath;
  return fn.path
    .split(',')
    .map((part) => part.trim())
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()))
    .filter((part) => part !== '');
}
