import { loadModule } from 'libpg-query';
import { nothingYet, readWords, type Names } from './body-names.ts';
import { madeTypesOf } from './body-operators.ts';
import { readPlpgsql } from './body-plpgsql.ts';
import { readSql } from './body-sql.ts';
import type { BodyReferences, FunctionRow } from './functions.ts';

/**
 * Reads what a function's body names. pg_depend does not know it: bodies are text until they run.
 * A name that means nothing in the catalogs (a CTE, a temporary table, a built-in) is passed over.
 */
export async function readBody(fn: FunctionRow, names: Names): Promise<BodyReferences> {
  const found = nothingYet();
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
    operators: [...found.operators].map((row) => ({ oid: row.oid, types: madeTypesOf(row) })),
    types: [...found.types],
    dynamic: found.dynamic,
    reliesOnPath: found.reliesOnPath,
    computesSequence: found.computesSequence,
    unparsed: found.unparsed,
  };
}

/** What the text of one expression names, such as a default with a sequence's name as text. */
export async function readExpression(
  text: string,
  names: Names,
): Promise<Pick<BodyReferences, 'sequences' | 'relations'>> {
  await loadModule();
  const found = nothingYet();
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
