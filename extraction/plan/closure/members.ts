import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Key, Oid } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { operatorsOfBodies } from './body-operators.ts';
import { isBuiltIn, reach, type Graph } from './graph.ts';

/** What has to exist in the target besides the tables themselves. */
export interface Members {
  readonly keys: ReadonlySet<Key>;
  readonly extensions: ReadonlySet<Oid>;
  readonly findings: readonly Finding[];
}

/**
 * The transitive closure of `roots` over needs and bodies, tables left out. Objects of an extension stand for the
 * extension. Whatever cannot be made again is refused by name.
 */
export function closeOver(catalog: Catalog, graph: Graph, roots: Iterable<Key>): Members {
  const findings: Finding[] = [];
  const keys = new Set<Key>();
  const extensions = new Set<Oid>();
  const stop = (key: Key): boolean =>
    catalog.members[key] !== undefined || isTable(graph, key) || isBuiltIn(key);
  const starts = [...roots];
  const reached = new Set<Key>([...starts, ...reach(graph.uses, starts, stop)]);
  for (const cast of neededCasts(catalog, graph, reached, stop)) reached.add(cast);
  const outside = (key: Key): boolean => isTable(graph, key) && !reached.has(key);
  const operators = operatorsOfBodies(catalog, graph, reached, { stop, outside });
  findings.push(...operators.findings);
  for (const key of operators.keys) reached.add(key);
  for (const key of reached) {
    const extension = catalog.members[key] ?? (key.startsWith('pg_extension:') ? key.slice(13) : undefined);
    if (extension !== undefined) extensions.add(extension);
    else if (!isBuiltIn(key) && !isTable(graph, key)) keys.add(key);
  }
  for (const oid of reach(graph.needs, [...extensions].map((e): Key => `pg_extension:${e}`), () => false))
    if (oid.startsWith('pg_extension:')) extensions.add(oid.slice(13)); // prettier-ignore
  for (const fn of catalog.functions)
    if (keys.has(`pg_proc:${fn.oid}`)) findings.push(...functionFindings(fn));
  for (const type of catalog.types)
    if (keys.has(`pg_type:${type.oid}`) && (type.kind === 'b' || type.kind === 'p') && type.elementOf === null)
      findings.push(finding({ severity: 'error', code: 'type-needs-c', object: type.name, message: `${type.name} is a base type made of C functions`, remedy: 'Package it as an extension, and create that in both databases.' }));
    else if (keys.has(`pg_type:${type.oid}`) && type.range !== null && type.range.canonical !== null)
      findings.push(finding({ severity: 'error', code: 'type-needs-c', object: type.name, message: `${type.name} is a range with a canonical function (${type.range.canonical}), which only C can provide`, remedy: 'Package it as an extension, and create that in both databases.' })); // prettier-ignore
  for (const item of catalog.plain)
    if (keys.has(`${item.catalog}:${item.oid}`) && item.refusal !== null)
      findings.push(finding({ severity: 'error', code: 'object-not-reproducible', object: item.name, message: `${item.address} is ${item.refusal}`, remedy: 'Create it in the target by an extension, or take it out of the tables.' })); // prettier-ignore
  return { keys, extensions, findings };
}

/**
 * Casts that come along though nothing is recorded as needing them: an expression remembers the function of a cast,
 * never the cast. Each is between types that all come along, or calls a function that does.
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

function functionFindings(fn: Catalog['functions'][number]): Finding[] {
  const found: Finding[] = [];
  if (!fn.trusted && fn.kind !== 'a')
    found.push(finding({ severity: 'error', code: 'function-untrusted', object: fn.identity, message: `${fn.identity} is written in ${fn.language}, an untrusted language: it may reach anything on its server`, remedy: 'Rewrite it in SQL or PL/pgSQL, or package it as an extension.' }));
  if (fn.body.dynamic)
    found.push(finding({ severity: 'warning', code: 'function-dynamic', object: fn.identity, message: `${fn.identity} builds SQL at run time: what that touches cannot be known beforehand`, remedy: 'Read it, and make sure that it names no table that stays behind.' }));
  if (fn.body.unparsed)
    found.push(finding({ severity: 'warning', code: 'function-unparsed', object: fn.identity, message: `The body of ${fn.identity} could not be parsed: what it touches is not known`, remedy: 'Read it, and make sure that it names no table that stays behind.' }));
  return found;
} // prettier-ignore
