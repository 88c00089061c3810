import type { Constraint, Key, Thing } from '../catalog/catalog.ts';
import { reach, relationKey } from './closure/graph.ts';
import { createFunction, functionWord } from './ddl/functions.ts';
import { createSequence } from './ddl/sequences.ts';
import { createType, typeWord } from './ddl/types.ts';
import { createView } from './ddl/views.ts';
import { alterColumns } from './ddl/tables.ts';
import type { AclKind } from './ddl/acl.ts';
import type { Parts } from './parts.ts';
import { functionsWithoutPath, pathOf } from './maintenance-path.ts';

/** One object that is not a table: how to make it, and how COMMENT, ALTER … OWNER and GRANT address it. */
export interface Made {
  readonly key: Key;
  readonly thing: Thing;
  readonly create: readonly string[];
  readonly drop: string;
  /** `FUNCTION public.f(integer)` */
  readonly address: string;
  readonly ownable: boolean;
  readonly aclKind: AclKind | null;
  readonly aclName: string;
  /** Comments of its columns or attributes. */
  readonly columns: readonly { readonly number: number; readonly name: string }[];
  /** Constraints of a domain that are added once everything is there. */
  readonly later: readonly Constraint[];
  /** Constraints of a domain that its own statement holds. */
  readonly inside: readonly Constraint[];
}

/** Everything in the closure that has a statement of its own, by key. */
export function makeThings(parts: Parts): Map<Key, Made> {
  const { catalog, graph, included } = parts;
  const made = new Map<Key, Made>();
  const add = (
    key: Key,
    rest: Omit<Made, 'key' | 'drop' | 'later' | 'inside' | 'columns'> & Partial<Made>,
  ): void => {
    if (included.has(key))
      made.set(key, { key, drop: dropOf(rest.address), columns: [], later: [], inside: [], ...rest });
  };
  for (const type of catalog.types) {
    const key: Key = `pg_type:${type.oid}`;
    if (!included.has(key) || type.elementOf !== null) continue;
    const checks = catalog.constraints.filter((c) => c.domain === type.oid && c.kind === 'c');
    // a check that leads back to its own domain, through a function's arguments, comes when both are there
    const circular = (oid: string): boolean => {
      const needs = [...(graph.uses.get(`pg_constraint:${oid}`) ?? [])].filter((need) => need !== key);
      return needs.includes(key) || reach(graph.uses, needs, () => false).has(key);
    };
    const inline = checks.filter((c) => c.validated && !circular(c.oid));
    const later = checks.filter((c) => !inline.includes(c));
    add(key, {
      thing: type, create: [createType(type, inline)], address: `${typeWord(type)} ${type.name}`, ownable: true,
      aclKind: 'TYPE', aclName: type.name, columns: type.attributes, later, inside: inline,
    });
  } // prettier-ignore
  const lost = new Set(functionsWithoutPath(parts).map((fn) => fn.oid));
  for (const fn of catalog.functions)
    add(`pg_proc:${fn.oid}`, {
      thing: fn, create: [createFunction(fn), ...(lost.has(fn.oid) ? [`ALTER ${functionWord(fn)} ${fn.identity} SET search_path = ${pathOf(parts).join(', ')}`] : [])], address: `${functionWord(fn)} ${fn.identity}`, ownable: true,
      aclKind: 'FUNCTION', aclName: fn.kind === 'a' ? fn.identity.replace('(*)', '()') : fn.identity,
    }); // prettier-ignore
  for (const item of catalog.plain)
    add(`${item.catalog}:${item.oid}`, {
      thing: item, create: item.statements, address: item.address, ownable: item.ownable, aclKind: null, aclName: '',
    }); // prettier-ignore
  for (const sequence of catalog.sequences)
    if (sequence.ownedBy?.identity !== true)
      add(relationKey(sequence.oid), {
        thing: sequence, create: [createSequence(sequence)], address: `SEQUENCE ${sequence.name}`, ownable: true,
        aclKind: 'SEQUENCE', aclName: sequence.name,
      }); // prettier-ignore
  for (const view of catalog.relations)
    if (view.kind === 'v' || view.kind === 'm')
      add(relationKey(view.oid), {
        thing: view,
        create: [
          createView({ ...view, tablespace: knownTablespace(parts, view.tablespace) }),
          ...(view.kind === 'm' ? alterColumns({ relation: view, inherits: [], checks: [], notNulls: new Map(), targetVersion: parts.target.version }) : []),
        ],
        address: `${view.kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW'} ${view.name}`,
        ownable: true, aclKind: 'TABLE', aclName: view.name, columns: view.columns,
      }); // prettier-ignore
  return made;
}

/** A tablespace of the same name on the target's server, else the default one. */
export function knownTablespace(parts: Parts, name: string | null): string | null {
  return name !== null && parts.target.tablespaces.includes(name) ? name : null;
}

const ADDRESS =
  /^(MATERIALIZED VIEW|TEXT SEARCH (?:CONFIGURATION|DICTIONARY|PARSER|TEMPLATE)|OPERATOR (?:CLASS|FAMILY)|[A-Z]+) (.*)$/s;

/** `DROP FUNCTION IF EXISTS public.f(integer) CASCADE` */
export function dropOf(address: string): string {
  const [, kind = '', name = ''] = ADDRESS.exec(address) ?? [];
  return `DROP ${kind} IF EXISTS ${name} CASCADE`;
}
