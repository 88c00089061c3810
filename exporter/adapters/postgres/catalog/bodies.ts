import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query';
import type { BodyReferences } from '../../../steps/database/catalog.ts';
import {
  findOperators,
  madeTypesOf,
  type Operand,
  type OperatorNames,
  type OperatorRow,
} from './body-operators.ts';
import type { FunctionRow } from './functions.ts';

/** What names in a body may mean. Raw names, unquoted. */
export interface Names {
  readonly relations: ReadonlyMap<string, string>;
  readonly sequences: ReadonlyMap<string, string>;
  /** Type oid, elements of arrays included. */
  readonly types: ReadonlyMap<string, string>;
  /** `schema.name` -> candidates. */
  readonly functions: ReadonlyMap<string, readonly FunctionRow[]>;
  readonly operators: OperatorNames;
  readonly searchPath: readonly string[];
}

interface Found {
  readonly relations: Set<string>;
  readonly sequences: Set<string>;
  readonly functions: Set<string>;
  readonly types: Set<string>;
  readonly operators: Set<OperatorRow>;
  dynamic: boolean;
  reliesOnPath: boolean;
  computesSequence: boolean;
  unparsed: boolean;
}

const nothingYet = (): Found => ({
  relations: new Set(), sequences: new Set(), functions: new Set(), types: new Set(), operators: new Set(),
  dynamic: false, reliesOnPath: false, computesSequence: false, unparsed: false,
}); // prettier-ignore

type Node = Readonly<Record<string, unknown>>;

/** `schema.name` as a map key; neither part is quoted, and NUL cannot stand in a name. */
export const nameKey = (schema: string, name: string): string => `${schema}\0${name}`;

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
    relations: [...found.relations], sequences: [...found.sequences], functions: [...found.functions],
    operators: [...found.operators].map((row) => ({ oid: row.oid, types: madeTypesOf(row) })),
    types: [...found.types], dynamic: found.dynamic, reliesOnPath: found.reliesOnPath, computesSequence: found.computesSequence, unparsed: found.unparsed,
  }; // prettier-ignore
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

interface Reading {
  readonly found: Found;
  readonly names: Names;
  readonly path: readonly string[];
  /** Names of the statement's own WITH queries: unqualified, they hide tables. */
  readonly ctes?: ReadonlySet<string>;
}

function collectCtes(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) for (const child of node) collectCtes(child, names);
  else if (typeof node === 'object' && node !== null)
    for (const [key, value] of Object.entries(node as Node)) {
      const name = key === 'CommonTableExpr' ? (value as Node)['ctename'] : undefined;
      if (typeof name === 'string') names.add(name);
      collectCtes(value, names);
    }
}

function pathOf(fn: FunctionRow, names: Names): readonly string[] {
  if (fn.path === null) return names.searchPath;
  return fn.path
    .split(',')
    .map((part) => part.trim())
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()))
    .filter((part) => part !== '');
}

function readSql(text: string, reading: Reading): void {
  try {
    const parsed = parseSync(text);
    const ctes = new Set<string>();
    collectCtes(parsed, ctes);
    visit(parsed, { ...reading, ctes });
  } catch {
    reading.found.unparsed = true;
  }
}

function readPlpgsql(definition: string, reading: Reading): void {
  let parsed: unknown;
  try {
    parsed = parsePlPgSQLSync(definition);
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
      if (key === 'PLpgSQL_type') readTypeText((value as Node)['typname'], reading);
      visitPlpgsql(value, reading);
    }
  }
}

const DYNAMIC = /^(PLpgSQL_stmt_dynexecute|PLpgSQL_stmt_dynfors|dynquery)$/;

/** What EXECUTE runs is known only then; but the constants that it is put together from name tables all the same. */
function readDynamic(expression: unknown, reading: Reading): void {
  reading.found.dynamic = true;
  const query = ((expression as Node | undefined)?.['PLpgSQL_expr'] as Node | undefined)?.['query'];
  if (typeof query !== 'string') return;
  for (const [, text = ''] of query.matchAll(/'((?:[^']|'')*)'/g))
    readWords(text.replaceAll("''", "'"), reading);
  if (!query.includes("'")) readWords(query, reading);
}

/** Names behind the words that a table's name follows; for text that no parser reads. */
function readWords(text: string, reading: Reading): void {
  const names = /\b(?:from|join|into|update|table|only|using)\s+((?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*))?)/giu;
  for (const [, name = ''] of text.matchAll(names)) addRelation(splitName(name), reading);
} // prettier-ignore

// parseMode: 0 a statement, 1 a type, 2 an expression, 3 and above an assignment (PostgreSQL's RawParseMode)
function readPlpgsqlExpression(node: Node, reading: Reading): void {
  const query = node['query'];
  if (typeof query !== 'string') return;
  const mode = typeof node['parseMode'] === 'number' ? node['parseMode'] : 0;
  if (mode === 0) readSql(query, reading);
  else if (mode === 2) readSql(`SELECT ${query}`, reading);
  else if (mode >= 3) readSql(`SELECT ${query.replace(/^[^=]*?:?=/s, '')}`, reading);
}

/** `public.film%rowtype`, `public.mood[]`, `setof x` as PL/pgSQL's declarations give them. */
function readTypeText(text: unknown, reading: Reading): void {
  if (typeof text !== 'string') return;
  const bare = text.replace(/%(row)?type.*$/is, '').replace(/(\[\d*\]|\(.*\))+$/s, '');
  const parts = splitName(bare);
  const isColumn = /%type/i.test(text);
  addRelationOrType(isColumn ? parts.slice(0, -1) : parts, reading);
}

function splitName(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")+)"|[^."\s]+/g)].map((match) =>
    match[1] === undefined ? match[0].toLowerCase() : match[1].replaceAll('""', '"'),
  );
}

function visit(node: unknown, reading: Reading): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, reading);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node as Node)) {
    if (key === 'RangeVar') addRangeVar(value as Node, reading);
    else if (key === 'relation' && isRangeVar(value)) addRangeVar(value, reading);
    else if (key === 'FuncCall') addCall(value as Node, reading);
    else if (key === 'A_Expr') addOperator(value as Node, reading);
    else if (key === 'SubLink')
      addOperatorNamed((value as Node)['operName'], { left: 'any', right: 'any' }, reading);
    else if (key === 'SortBy')
      addOperatorNamed((value as Node)['useOp'], { left: 'any', right: 'any' }, reading);
    else if (key === 'typeName' || key === 'TypeName') addTypeName(value as Node, reading);
    else if (key === 'A_Const') continue;
    visit(value, reading);
  }
}

const isRangeVar = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'relname' in value;

function addRangeVar(node: Node, reading: Reading): void {
  const schema = node['schemaname'];
  const name = node['relname'];
  if (typeof name !== 'string') return;
  if (typeof schema !== 'string' && reading.ctes?.has(name) === true) return;
  addRelation(typeof schema === 'string' ? [schema, name] : [name], reading);
}

function lookUp<T>(parts: readonly string[], map: ReadonlyMap<string, T>, reading: Reading): T | undefined {
  const name = parts.at(-1);
  if (name === undefined) return undefined;
  if (parts.length >= 2) return map.get(nameKey(parts.at(-2) ?? '', name));
  for (const schema of reading.path) {
    const hit = map.get(nameKey(schema, name));
    if (hit === undefined) continue;
    reading.found.reliesOnPath = true;
    return hit;
  }
  return undefined;
}

/** Behind the path: an application may have a path of its own. What only one schema has is what it means. */
function lookBeyond<T>(parts: readonly string[], map: ReadonlyMap<string, T>): T | undefined {
  const [name] = parts;
  if (name === undefined || parts.length > 1 || map.has(nameKey('pg_catalog', name))) return undefined;
  let byName = BARE.get(map) as Map<string, T[]> | undefined;
  if (byName === undefined) {
    byName = new Map<string, T[]>();
    for (const [key, value] of map) {
      const bare = key.slice(key.indexOf('\0') + 1);
      byName.set(bare, [...(byName.get(bare) ?? []), value]);
    }
    BARE.set(map, byName);
  }
  const hits = byName.get(name) ?? [];
  return hits.length === 1 ? hits[0] : undefined;
}

const BARE = new WeakMap<object, unknown>();

function addRelation(parts: readonly string[], reading: Reading): boolean {
  const { relations, sequences } = reading.names;
  let relation = lookUp(parts, relations, reading);
  let sequence = lookUp(parts, sequences, reading);
  if (relation === undefined && sequence === undefined) {
    relation = lookBeyond(parts, relations);
    sequence = lookBeyond(parts, sequences);
  }
  if (relation !== undefined) reading.found.relations.add(relation);
  else if (sequence !== undefined) reading.found.sequences.add(sequence);
  return relation !== undefined || sequence !== undefined;
}

function addRelationOrType(parts: readonly string[], reading: Reading): void {
  const relation = lookUp(parts, reading.names.relations, reading);
  if (relation !== undefined) reading.found.relations.add(relation);
  else {
    const type = lookUp(parts, reading.names.types, reading) ?? lookBeyond(parts, reading.names.types);
    if (type !== undefined) reading.found.types.add(type);
  }
}

function strings(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Node) => {
    const text = (item['String'] as Node | undefined)?.['sval'];
    return typeof text === 'string' ? [text] : [];
  });
}

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval']);

function addCall(node: Node, reading: Reading): void {
  const parts = strings(node['funcname']);
  const args = Array.isArray(node['args']) ? node['args'].length : 0;
  for (const fn of lookUp(parts, reading.names.functions, reading) ?? [])
    if (args >= fn.args - fn.defaults && (args <= fn.args || fn.variadic))
      reading.found.functions.add(fn.oid);
  if (SEQUENCE_FUNCTIONS.has(parts.at(-1) ?? '') && Array.isArray(node['args'])) {
    const text = firstText(node['args'][0]);
    if (text === null) reading.found.computesSequence = true;
    else addRelation(splitName(text), reading);
  }
}

function addOperator(node: Node, reading: Reading): void {
  const operands = { left: operandOf(node['lexpr']), right: operandOf(node['rexpr']) };
  addOperatorNamed(node['name'], operands, reading);
}

function operandOf(node: unknown): Operand {
  if (typeof node !== 'object' || node === null) return 'none';
  const constant = (node as Node)['A_Const'] as Node | undefined;
  return constant !== undefined && ('ival' in constant || 'fval' in constant) ? 'number' : 'any';
}

function addOperatorNamed(
  name: unknown,
  operands: { readonly left: Operand; readonly right: Operand },
  reading: Reading,
): void {
  const parts = strings(name);
  if (parts.length === 0) return;
  for (const row of findOperators({ parts, operands }, reading.names.operators, reading.path))
    reading.found.operators.add(row);
}

/** The literal inside any casts: `('public.seq'::text)::regclass`. */
function firstText(node: unknown): string | null {
  if (typeof node !== 'object' || node === null) return null;
  const cast = (node as Node)['TypeCast'] as Node | undefined;
  if (cast !== undefined) return firstText(cast['arg']);
  const constant = (node as Node)['A_Const'] as Node | undefined;
  const text = (constant?.['sval'] as Node | undefined)?.['sval'];
  return typeof text === 'string' ? text : null;
}

function addTypeName(node: Node, reading: Reading): void {
  const parts = strings(node['names']);
  if (parts.length > 0) addRelationOrType(parts, reading);
}
