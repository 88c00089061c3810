import type { Grant, Oid } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { ACL, OWNER, QUALIFIED } from './fragments.ts';

/** A member of an extension whose privileges differ from those that the extension's script gives it. */
export interface ExtensionPrivilege {
  readonly extension: Oid;
  /** As GRANT addresses it: `FUNCTION public.f(integer)`. */
  readonly on: string;
  /** Quoted; `null` for the whole object. */
  readonly column: string | null;
  readonly owner: string;
  readonly acl: readonly Grant[];
  /** After CREATE EXTENSION (pg_init_privs, or the defaults of the kind). */
  readonly initial: readonly Grant[];
}

/** One kind of members: its catalog, how GRANT addresses it, its ACL, and the letter of `acldefault`. */
const KINDS: readonly (readonly [
  catalog: string,
  on: string,
  acl: string,
  owner: string,
  kind: string,
  joins: string,
])[] = [
  [
    'pg_proc',
    `CASE o.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || ${QUALIFIED('n.nspname', 'o.proname')} || '(' || pg_get_function_identity_arguments(o.oid) || ')'`,
    'o.proacl',
    'o.proowner',
    "'f'",
    'JOIN pg_namespace n ON n.oid = o.pronamespace',
  ],
  [
    'pg_class',
    `CASE o.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || ${QUALIFIED('n.nspname', 'o.relname')}`,
    'o.relacl',
    'o.relowner',
    `(CASE o.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char"`,
    `JOIN pg_namespace n ON n.oid = o.relnamespace AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`,
  ],
  [
    'pg_type',
    `'TYPE ' || ${QUALIFIED('n.nspname', 'o.typname')}`,
    'o.typacl',
    'o.typowner',
    "'T'",
    'JOIN pg_namespace n ON n.oid = o.typnamespace AND o.typelem = 0 AND o.typrelid = 0',
  ],
  ['pg_namespace', `'SCHEMA ' || quote_ident(o.nspname)`, 'o.nspacl', 'o.nspowner', "'n'", ''],
  ['pg_language', `'LANGUAGE ' || quote_ident(o.lanname)`, 'o.lanacl', 'o.lanowner', "'l'", ''],
  [
    'pg_foreign_data_wrapper',
    `'FOREIGN DATA WRAPPER ' || quote_ident(o.fdwname)`,
    'o.fdwacl',
    'o.fdwowner',
    "'F'",
    '',
  ],
];

const MEMBERS = KINDS.map(
  ([catalog, on, acl, owner, kind, joins]) => `
SELECT d.refobjid AS extension, ${on} AS "on", NULL AS "column", ${OWNER(owner)} AS owner,
  coalesce(${acl}, acldefault(${kind}, ${owner})) AS acl, coalesce(i.initprivs, acldefault(${kind}, ${owner})) AS initial
FROM ${catalog} o ${joins}
  JOIN pg_depend d ON d.classid = '${catalog}'::regclass AND d.objid = o.oid AND d.objsubid = 0 AND d.deptype = 'e'
  LEFT JOIN pg_init_privs i ON i.classoid = d.classid AND i.objoid = o.oid AND i.objsubid = 0
WHERE ${acl} IS DISTINCT FROM i.initprivs`,
).join('\nUNION ALL');

const COLUMNS = `
SELECT d.refobjid, 'TABLE ' || ${QUALIFIED('n.nspname', 'o.relname')}, quote_ident(a.attname), ${OWNER('o.relowner')},
  coalesce(a.attacl, '{}'), coalesce(i.initprivs, '{}')
FROM pg_attribute a JOIN pg_class o ON o.oid = a.attrelid JOIN pg_namespace n ON n.oid = o.relnamespace
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.objsubid = 0 AND d.deptype = 'e'
  LEFT JOIN pg_init_privs i ON i.classoid = d.classid AND i.objoid = o.oid AND i.objsubid = a.attnum
WHERE a.attacl IS DISTINCT FROM i.initprivs`;

const CHANGED = `
SELECT extension::text, "on", "column", owner, ${ACL('acl')} AS acl, ${ACL('initial')} AS initial
FROM (${MEMBERS}
UNION ALL ${COLUMNS}) changed ORDER BY "on", "column" NULLS FIRST`;

export const readExtensionPrivileges = (session: Session): Promise<ExtensionPrivilege[]> =>
  rowsOf(session, CHANGED);
