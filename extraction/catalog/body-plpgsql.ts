import { parsePlpgsql } from '../../contracts/sql-parser.ts';
import { addRelationOrType, readWords, splitName, type Node, type Reading } from './body-names.ts';
import { readSql } from './body-sql.ts';
import { addNamed } from './body-texts.ts';
import { nameTypeOf } from './name-types.ts';

/** Needs `loadSqlParser`. Marks text that it cannot parse. */
export function readPlpgsql(definition: string, reading: Reading): void {
  let parsed: unknown;
  try {
    parsed = parsePlpgsql(definition);
  } catch {
    reading.found.unparsed = true;
    return;
  }
  visitPlpgsql(parsed, reading);
}

function visitPlpgsql(node: unknown, reading: Reading): void {
  if (Array.isArray(node)) {
    for (const child of node) visitPlpgsql(child, reading);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node as Node)) {
    if (key === 'PLpgSQL_expr') readPlpgsqlExpression(value as Node, reading);
    else {
      if (DYNAMIC.test(key)) readDynamic(key === 'dynquery' ? value : (value as Node)['query'], reading);
      if (key === 'PLpgSQL_var') readInitialName(value as Node, reading);
      if (key === 'PLpgSQL_type') readTypeText((value as Node)['typname'], reading);
      visitPlpgsql(value, reading);
    }
  }
}

const DYNAMIC = /^(PLpgSQL_stmt_dynexecute|PLpgSQL_stmt_dynfors|dynquery)$/;

/** The statement of EXECUTE is known at run time only, but its constant parts name tables too. */
function readDynamic(expression: unknown, reading: Reading): void {
  reading.found.dynamic = true;
  const query = ((expression as Node | undefined)?.['PLpgSQL_expr'] as Node | undefined)?.['query'];
  if (typeof query !== 'string') return;
  for (const text of textsOf(query)) {
    readWords(text, reading);
    for (const inner of [text, ...textsOf(text)]) reading.found.texts.add(inner);
  }
  if (!query.includes("'")) readWords(query, reading);
}

/** `c regconfig := 'public.english'` */
function readInitialName({ datatype, default_val: initial }: Node, reading: Reading): void {
  const { typname } = ((datatype as Node | undefined)?.['PLpgSQL_type'] ?? {}) as Node;
  const type = typeof typname === 'string' ? nameTypeOf(typname) : null;
  const query = ((initial as Node | undefined)?.['PLpgSQL_expr'] as Node | undefined)?.['query'];
  if (type === null || typeof query !== 'string') return;
  for (const text of textsOf(query)) addNamed(type, text, reading);
}

const textsOf = (sql: string): string[] =>
  [...sql.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) => text.replaceAll("''", "'"));

// parseMode: 0 a statement, 1 a type, 2 an expression, 3 and above an assignment (PostgreSQL's RawParseMode)
function readPlpgsqlExpression(node: Node, reading: Reading): void {
  const query = node['query'];
  if (typeof query !== 'string') return;
  const mode = typeof node['parseMode'] === 'number' ? node['parseMode'] : 0;
  if (mode === 0) readSql(query, reading);
  else if (mode === 2) readSql(`SELECT ${query}`, reading);
  else if (mode >= 3) readSql(`SELECT ${query.replace(/^[^=]*?:?=/s, '')}`, reading);
}

/** A type as PL/pgSQL declares it: `public.film%rowtype`, `public.mood[]`, `setof x`. */
function readTypeText(text: unknown, reading: Reading): void {
  if (typeof text !== 'string') return;
  // the texts that are assigned to such a variable are names
  const named = nameTypeOf(text);
  if (named !== null) reading.found.computes.add(named);
  const bare = text.replace(/%(row)?type.*$/is, '').replace(/(\[\d*\]|\(.*\))+$/s, '');
  const parts = splitName(bare);
  const isColumn = /%type/i.test(text);
  addRelationOrType(isColumn ? parts.slice(0, -1) : parts, reading);
}
