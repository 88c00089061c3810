import type { OperatorNames, OperatorRow } from './body-operators.ts';
import type { FunctionRow } from './functions.ts';
import type { NameType, Signature } from './name-types.ts';
import type { Key } from './object.ts';

/** The objects that names in a body can refer to, by unquoted name. */
export interface Names {
  readonly relations: ReadonlyMap<string, string>;
  readonly sequences: ReadonlyMap<string, string>;
  /** Type oid, elements of arrays included. */
  readonly types: ReadonlyMap<string, string>;
  /** `schema.name` -> candidates. */
  readonly functions: ReadonlyMap<string, readonly FunctionRow[]>;
  readonly operators: OperatorNames;
  /** Text search objects and collations, by catalog. */
  readonly plain: ReadonlyMap<string, ReadonlyMap<string, Key>>;
  /** By unquoted name alone. */
  readonly schemas: ReadonlyMap<string, Key>;
  readonly signatures: ReadonlyMap<string, readonly Signature[]>;
  readonly searchPath: readonly string[];
}

/** References found so far. */
export interface Found {
  readonly relations: Set<string>;
  readonly sequences: Set<string>;
  readonly functions: Set<string>;
  readonly types: Set<string>;
  readonly operators: Set<OperatorRow>;
  /** Text search objects, collations and schemas. */
  readonly objects: Set<Key>;
  /** Unquoted. */
  readonly roles: Set<string>;
  /** Constant texts, whatever their use. */
  readonly texts: Set<string>;
  /** Types of the names that are computed at run time. */
  readonly computes: Set<NameType>;
  dynamic: boolean;
  reliesOnPath: boolean;
  computesSequence: boolean;
  unparsed: boolean;
}

export const emptyReferences = (): Found => ({
  relations: new Set(),
  sequences: new Set(),
  functions: new Set(),
  types: new Set(),
  operators: new Set(),
  objects: new Set(),
  roles: new Set(),
  texts: new Set(),
  computes: new Set(),
  dynamic: false,
  reliesOnPath: false,
  computesSequence: false,
  unparsed: false,
});

/** Node of a parse tree. */
export type Node = Readonly<Record<string, unknown>>;

/** Map key of an unquoted schema and name. NUL cannot occur in a name. */
export const nameKey = (schema: string, name: string): string => `${schema}\0${name}`;

/** State of reading one text: the known names, the search path and the references found. */
export interface Reading {
  readonly found: Found;
  readonly names: Names;
  readonly path: readonly string[];
  /** Names of the statement's WITH queries, which hide tables of the same name. */
  readonly ctes?: ReadonlySet<string>;
  /** Reads the names that texts hold, and no others: pg_depend has those. */
  readonly textsOnly?: boolean;
}

/** Names that follow keywords such as FROM, for text that no parser accepts. */
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

/** Resolves a name in its schema, or in the first schema of the search path that has it. */
export function resolveName<T>(
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

/** Resolves a name outside the search path, because the application may set its own: unique names only. */
export function resolveOutsidePath<T>(parts: readonly string[], map: ReadonlyMap<string, T>): T | undefined {
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

/** False when there is no such table, view or sequence. */
export function addRelation(parts: readonly string[], reading: Reading): boolean {
  const { relations, sequences } = reading.names;
  let relation = resolveName(parts, relations, reading);
  let sequence = resolveName(parts, sequences, reading);
  if (relation === undefined && sequence === undefined) {
    relation = resolveOutsidePath(parts, relations);
    sequence = resolveOutsidePath(parts, sequences);
  }
  if (relation !== undefined) reading.found.relations.add(relation);
  else if (sequence !== undefined) reading.found.sequences.add(sequence);
  return relation !== undefined || sequence !== undefined;
}

export function addRelationOrType(parts: readonly string[], reading: Reading): void {
  const relation = resolveName(parts, reading.names.relations, reading);
  if (relation !== undefined) reading.found.relations.add(relation);
  else {
    const type =
      resolveName(parts, reading.names.types, reading) ?? resolveOutsidePath(parts, reading.names.types);
    if (type !== undefined) reading.found.types.add(type);
  }
}
