import type { OperatorNames, OperatorRow } from './body-operators.ts';
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

/** What has been named so far. */
export interface Found {
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

export const nothingYet = (): Found => ({
  relations: new Set(),
  sequences: new Set(),
  functions: new Set(),
  types: new Set(),
  operators: new Set(),
  dynamic: false,
  reliesOnPath: false,
  computesSequence: false,
  unparsed: false,
});

/** Of a parser's tree. */
export type Node = Readonly<Record<string, unknown>>;

/** `schema.name` as a map key; neither part is quoted, and NUL cannot stand in a name. */
export const nameKey = (schema: string, name: string): string => `${schema}\0${name}`;

/** Of one text: where names are looked up, and where what they mean goes. */
export interface Reading {
  readonly found: Found;
  readonly names: Names;
  readonly path: readonly string[];
  /** Names of the statement's own WITH queries: unqualified, they hide tables. */
  readonly ctes?: ReadonlySet<string>;
}

/** Names behind the words that a table's name follows; for text that no parser reads. */
export function readWords(text: string, reading: Reading): void {
  const names =
    /\b(?:from|join|into|update|table|only|using)\s+((?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*))?)/giu;
  for (const [, name = ''] of text.matchAll(names)) addRelation(splitName(name), reading);
}

/** `a."B"` -> `['a', 'B']` */
export function splitName(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")+)"|[^."\s]+/g)].map((match) =>
    match[1] === undefined ? match[0].toLowerCase() : match[1].replaceAll('""', '"'),
  );
}

/** What a name means: in its schema, or in the first of the path that has it. */
export function lookUp<T>(
  parts: readonly string[],
  map: ReadonlyMap<string, T>,
  reading: Reading,
): T | undefined {
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

/** `false`: no such table, view or sequence. */
export function addRelation(parts: readonly string[], reading: Reading): boolean {
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

export function addRelationOrType(parts: readonly string[], reading: Reading): void {
  const relation = lookUp(parts, reading.names.relations, reading);
  if (relation !== undefined) reading.found.relations.add(relation);
  else {
    const type = lookUp(parts, reading.names.types, reading) ?? lookBeyond(parts, reading.names.types);
    if (type !== undefined) reading.found.types.add(type);
  }
}
