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
      ? [`REVOKE ALL ON ${on} FROM PUBLIC`, `REVOKE ALL ON ${on} FROM ${target.owner}`]
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
  const full = [
    ...(ALL[target.kind] ?? []),
    ...(target.kind === 'TABLE' && target.version >= MAINTAIN ? ['MAINTAIN'] : []),
  ];
  return full.every((name) => names.includes(name)) ? 'ALL' : names.join(', ');
}
