import type { Grant } from '../../catalog/catalog.ts';

/** Default privileges of an owner (PostgreSQL 15 manual, table 5.2). */
const ALL: Readonly<Record<string, readonly string[]>> = {
  TABLE: ['INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  SEQUENCE: ['USAGE', 'SELECT', 'UPDATE'],
  FUNCTION: ['EXECUTE'],
  SCHEMA: ['USAGE', 'CREATE'],
  TYPE: ['USAGE'],
};

/** The first version (`server_version_num`) with this privilege. */
export const MAINTAIN = 170_000;

export type AclKind = 'TABLE' | 'SEQUENCE' | 'FUNCTION' | 'SCHEMA' | 'TYPE';

export interface AclTarget {
  readonly kind: AclKind;
  readonly name: string;
  readonly owner: string;
  readonly acl: readonly Grant[] | null;
  /** Of the source. */
  readonly version: number;
  /** Quoted roles that the object's creation granted privileges to, by default privileges of the target. */
  readonly granted?: readonly string[];
  /** Restricts the grants to one column. */
  readonly column?: string;
}

/**
 * Sets the privileges of a new object to `acl`, in the same order; no statement for an object with defaults. Grants by
 * other roles than the owner are repeated in the name of those roles.
 */
export function grantStatements(target: AclTarget): string[] {
  if (target.acl === null) return [];
  const on = `${target.kind} ${target.name}`;
  const statements =
    target.column === undefined
      ? [...new Set(['PUBLIC', target.owner, ...(target.granted ?? [])])].map(
          (role) => `REVOKE ALL ON ${on} FROM ${role}`,
        )
      : [];
  for (const group of groupGrants(target.acl)) {
    const [first] = group;
    if (first === undefined) continue;
    const to = `${first.grantee}${first.grantable ? ' WITH GRANT OPTION' : ''}`;
    const grant = `GRANT ${privileges(group, target)} ON ${on} TO ${to}`;
    const foreign = first.grantor !== target.owner;
    statements.push(
      foreign ? `SET SESSION AUTHORIZATION ${first.grantor}; ${grant}; RESET SESSION AUTHORIZATION` : grant,
    );
  }
  return statements;
}

/** The privileges of a new object without default privileges (PostgreSQL 15 manual, table 5.2). */
export function initialGrants(kind: AclKind, owner: string, version: number): Grant[] {
  const grant = (grantee: string, privilege: string): Grant => ({
    grantee,
    grantor: owner,
    privilege,
    grantable: false,
  });
  const toPublic = kind === 'FUNCTION' || kind === 'TYPE' ? (ALL[kind] ?? []) : [];
  return [
    ...toPublic.map((privilege) => grant('PUBLIC', privilege)),
    ...allPrivileges(kind, version).map((privilege) => grant(owner, privilege)),
  ];
}

const allPrivileges = (kind: AclKind, version: number): string[] => [
  ...(ALL[kind] ?? []),
  ...(kind === 'TABLE' && version >= MAINTAIN ? ['MAINTAIN'] : []),
];

const isAlike = (a: Grant, b: Grant): boolean =>
  a.grantee === b.grantee && a.grantor === b.grantor && a.grantable === b.grantable;

/** Groups adjacent grants that one GRANT can express. */
function groupGrants(acl: readonly Grant[]): Grant[][] {
  const groups: Grant[][] = [];
  for (const grant of acl) {
    const last = groups.at(-1);
    const head = last?.[0];
    if (last !== undefined && head !== undefined && isAlike(head, grant)) last.push(grant);
    else groups.push([grant]);
  }
  return groups;
}

function privileges(group: readonly Grant[], target: AclTarget): string {
  const names = group.map((grant) => grant.privilege);
  if (target.column !== undefined) return names.map((name) => `${name} (${target.column ?? ''})`).join(', ');
  return allPrivileges(target.kind, target.version).every((name) => names.includes(name))
    ? 'ALL'
    : names.join(', ');
}
