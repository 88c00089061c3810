import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, FunctionObject, Key, Oid, PlainObject, TypeObject } from '../../catalog/catalog.ts';
import type { NameType } from '../../catalog/name-types.ts';
import { LIBRARY } from '../../catalog/dependencies.ts';
import { findIn, type FindingRow } from '../findings.ts';
import { operatorsOfBodies } from './body-operators.ts';
import { isBuiltIn, reach, type Graph } from './graph.ts';

/** Everything that must exist in the target besides the tables themselves. */
export interface Members {
  readonly keys: ReadonlySet<Key>;
  readonly extensions: ReadonlySet<Oid>;
  readonly findings: readonly Finding[];
}

/**
 * The transitive closure of `roots` over needs and function bodies, without tables. An extension stands for its
 * members. Objects that cannot be created again are refused by name.
 */
export function closeOver(catalog: Catalog, graph: Graph, roots: Iterable<Key>): Members {
  const stop = (key: Key): boolean =>
    catalog.members[key] !== undefined || isTable(graph, key) || isBuiltIn(key);
  const starts = [...roots];
  const reached = new Set<Key>([...starts, ...reach(graph.uses, starts, stop)]);
  for (const cast of neededCasts(catalog, graph, reached, stop)) reached.add(cast);
  const outside = (key: Key): boolean => isTable(graph, key) && !reached.has(key);
  const operators = operatorsOfBodies(catalog, graph, reached, { stop, outside });
  for (const key of operators.keys) reached.add(key);
  const extensionOf = (key: Key): Oid | undefined =>
    catalog.members[key] ?? (key.startsWith(EXTENSION) ? key.slice(EXTENSION.length) : undefined);
  const keys = new Set(
    [...reached].filter((key) => extensionOf(key) === undefined && !isBuiltIn(key) && !isTable(graph, key)),
  );
  const extensions = withNeeded(
    graph,
    [...reached].flatMap((key) => extensionOf(key) ?? []),
  );
  return {
    keys,
    extensions,
    findings: [...operators.findings, ...refusals(catalog, keys), ...computedNames(catalog, keys)],
  };
}

const EXTENSION = 'pg_extension:';

/** Extensions with the extensions that they need. */
function withNeeded(graph: Graph, oids: readonly Oid[]): Set<Oid> {
  const keys = oids.map((oid): Key => `${EXTENSION}${oid}`);
  const needed = [...reach(graph.needs, keys, () => false)].filter((key) => key.startsWith(EXTENSION));
  return new Set([...oids, ...needed.map((key) => key.slice(EXTENSION.length))]);
}

/**
 * Casts that are included although no dependency on them is recorded: an expression stores the function of a cast, not
 * the cast. Each is between included types, or calls an included function.
 */
function neededCasts(
  catalog: Catalog,
  graph: Graph,
  reached: ReadonlySet<Key>,
  stop: (key: Key) => boolean,
): Set<Key> {
  const found = new Set<Key>();
  for (const item of catalog.plain) {
    const key: Key = `${item.catalog}:${item.oid}`;
    if (item.catalog !== 'pg_cast' || reached.has(key) || catalog.members[key] !== undefined) continue;
    const needs = [...(graph.needs.get(key) ?? [])];
    const types = needs.filter((need) => !need.startsWith('pg_proc:'));
    const callsReached = needs.some((need) => need.startsWith('pg_proc:') && reached.has(need));
    if (!callsReached && (types.length === 0 || !types.every((type) => reached.has(type)))) continue;
    const along = reach(graph.uses, [key], stop);
    if ([...along].some((need) => isTable(graph, need) && !reached.has(need))) continue;
    for (const need of [key, ...along]) found.add(need);
  }
  return found;
}

export function isTable(graph: Graph, key: Key): boolean {
  if (!key.startsWith('pg_class:')) return false;
  const kind = graph.relations.get(key.slice(9))?.kind;
  return kind === 'r' || kind === 'p' || kind === 'f';
}

const refusals = (catalog: Catalog, keys: ReadonlySet<Key>): Finding[] => [
  ...findIn(
    catalog.functions
      .filter(({ oid }) => keys.has(`pg_proc:${oid}`))
      .map((fn) => ({ ...fn, comesWithLibrary: comesWithLibrary(catalog, fn) })),
    FUNCTION,
  ),
  ...findIn(
    catalog.types.filter(({ oid }) => keys.has(`pg_type:${oid}`)),
    TYPE,
  ),
  ...findIn(
    catalog.plain.filter((item) => keys.has(`${item.catalog}:${item.oid}`)),
    PLAIN,
  ),
];

interface FoundFunction extends FunctionObject {
  /** Written in C, over a library of an extension. */
  readonly comesWithLibrary: boolean;
}

const comesWithLibrary = ({ dependencies }: Catalog, { oid }: FunctionObject): boolean =>
  dependencies.some(({ from, kind }) => kind === LIBRARY && from === `pg_proc:${oid}`);

const FUNCTION: readonly FindingRow<FoundFunction>[] = [
  {
    code: 'function-untrusted',
    severity: 'error',
    when: ({ trusted, kind, comesWithLibrary: known }) => !trusted && kind !== 'a' && !known,
    object: ({ identity }) => identity,
    message: ({ identity, language }) =>
      `${identity} is written in ${language}, an untrusted language with access to the whole server${language === 'c' ? ', and no extension of the source provides its library' : ''}`,
    remedy: () => 'Rewrite it in SQL or PL/pgSQL, or package it as an extension.',
  },
  {
    code: 'function-dynamic',
    severity: 'warning',
    when: ({ body }) => body.dynamic,
    object: ({ identity }) => identity,
    message: ({ identity }) =>
      `${identity} builds SQL at run time: the tables that it uses cannot all be determined`,
    remedy: () => 'Check that it uses no table outside the selection.',
  },
  {
    code: 'function-unparsed',
    severity: 'warning',
    when: ({ body }) => body.unparsed,
    object: ({ identity }) => identity,
    message: ({ identity }) =>
      `The body of ${identity} could not be parsed: the tables that it uses are unknown`,
    remedy: () => 'Check that it uses no table outside the selection.',
  },
];

/** Types of names whose objects a function may compute, with the catalog of the objects and their word. */
const COMPUTED: readonly (readonly [type: NameType, catalog: string, word: string])[] = [
  ['regconfig', 'pg_ts_config', 'text search configuration'],
  ['regdictionary', 'pg_ts_dict', 'text search dictionary'],
  ['parser', 'pg_ts_parser', 'text search parser'],
];

interface ComputingFunction extends FunctionObject {
  readonly word: string;
  /** Objects that it may name, and that are not included. */
  readonly left: readonly string[];
}

function computedNames(catalog: Catalog, keys: ReadonlySet<Key>): Finding[] {
  const computing = COMPUTED.flatMap(([type, kind, word]) => {
    const left = catalog.plain
      .filter((item) => item.catalog === kind && isLeft(catalog, keys, `${kind}:${item.oid}`))
      .map((item) => item.name);
    return catalog.functions
      .filter(({ oid, body }) => keys.has(`pg_proc:${oid}`) && body.computes.includes(type))
      .map((fn): ComputingFunction => ({ ...fn, word, left }));
  });
  return findIn(computing, COMPUTED_NAME);
}

const isLeft = ({ members }: Catalog, keys: ReadonlySet<Key>, key: Key): boolean =>
  !keys.has(key) && members[key] === undefined;

const COMPUTED_NAME: readonly FindingRow<ComputingFunction>[] = [
  {
    code: 'function-computes-name',
    severity: 'warning',
    when: ({ left }) => left.length > 0,
    object: ({ identity }) => identity,
    message: ({ identity, word, left }) =>
      `${identity} computes the name of a ${word} at run time, so it is unknown which it uses: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} not extracted`,
    remedy: () => 'Create in the target those that it uses.',
  },
];

const isBase = ({ kind, elementOf }: TypeObject): boolean =>
  (kind === 'b' || kind === 'p') && elementOf === null;

const TYPE: readonly FindingRow<TypeObject>[] = [
  {
    code: 'type-needs-c',
    severity: 'error',
    when: isBase,
    object: ({ name }) => name,
    message: ({ name }) => `${name} is a base type with C functions`,
    remedy: () => 'Package it as an extension, and create the extension in both databases.',
  },
  {
    code: 'type-needs-c',
    severity: 'error',
    when: (type) => !isBase(type) && type.range !== null && type.range.canonical !== null,
    object: ({ name }) => name,
    message: ({ name, range }) =>
      `${name} is a range with a canonical function (${range?.canonical ?? ''}), which only C can provide`,
    remedy: () => 'Package it as an extension, and create the extension in both databases.',
  },
];

const PLAIN: readonly FindingRow<PlainObject>[] = [
  {
    code: 'object-not-reproducible',
    severity: 'error',
    when: ({ refusal }) => refusal !== null,
    object: ({ name }) => name,
    message: ({ address, refusal }) => `${address} cannot be created again: ${refusal ?? ''}`,
    remedy: () => 'Create it in the target with an extension, or stop using it in the tables.',
  },
];
