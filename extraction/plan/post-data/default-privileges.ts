import type { Finding } from '../../../contracts/plan.ts';
import type { DefaultAcl } from '../../catalog/catalog.ts';
import type { Assembly, Section } from '../assembly.ts';
import { MAINTAIN } from '../ddl/acl.ts';
import { finding } from '../findings.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';

/** ALTER DEFAULT PRIVILEGES where it can affect no other object of the target; a finding where it could. */
export function defaultPrivileges(assembly: Assembly): Section {
  const used = assembly.catalog.defaultAcls.filter(
    (item) => item.schemaOid === null || assembly.usedSchemas.has(item.schema),
  );
  const statements: Statement[] = [];
  const findings: Finding[] = [];
  for (const item of used) {
    const reason = reasonAgainst(assembly, item);
    if (reason === null) statements.push(...alterDefaults(item, assembly.target.version));
    else
      findings.push(
        finding({
          severity: 'warning',
          code: 'default-privileges',
          object: item.role,
          message: `Default privileges of ${item.role} for ${item.objects}${item.schema === '' ? '' : ` in schema ${item.schema}`} are left out: ${reason}`,
          remedy: 'Run ALTER DEFAULT PRIVILEGES in the target if new objects there need them.',
        }),
      );
  }
  return { statements, findings };
}

function reasonAgainst({ target, newSchemas }: Assembly, item: DefaultAcl): string | null {
  if (!target.assignable.includes(item.role)) return `${target.user} cannot act for ${item.role}`;
  const unknown = item.acl.find(({ grantee }) => grantee !== 'PUBLIC' && !target.roles.includes(grantee));
  if (unknown !== undefined) return `role ${unknown.grantee} does not exist`;
  const isNew = newSchemas.some((schema) => schema.oid === item.schemaOid);
  return isNew || target.existing.length === 0 ? null : 'the target contains other objects';
}

/** Privileges that PUBLIC holds by default, by kind of object (PostgreSQL 15 manual, 5.7). */
const PUBLIC_DEFAULTS: Readonly<Record<string, string>> = { FUNCTIONS: 'EXECUTE', TYPES: 'USAGE' };

/** The privileges of a schema add to the server's defaults; those of the database replace them. */
function alterDefaults(item: DefaultAcl, targetVersion: number): Statement[] {
  const { role, schema, schemaOid, objects } = item;
  const id = `DEFAULT ACL ${role} ${schema}`;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${role}${schemaOid === null ? '' : ` IN SCHEMA ${schema}`}`;
  const revoke = (privilege: string, grantee: string): string =>
    `${alter} REVOKE ${privilege} ON ${objects} FROM ${grantee}`;
  const grant = (privilege: string, grantee: string): string =>
    `${alter} GRANT ${privilege} ON ${objects} TO ${grantee}`;
  const publicDefault = PUBLIC_DEFAULTS[objects];
  const cleared = [
    statement(id, revoke('ALL', role), { undo: grant('ALL', role) }),
    ...(publicDefault === undefined
      ? []
      : [statement(id, revoke('ALL', 'PUBLIC'), { undo: grant(publicDefault, 'PUBLIC') })]),
  ];
  const granted = item.acl
    .filter(({ privilege }) => privilege !== 'MAINTAIN' || targetVersion >= MAINTAIN)
    .map(({ grantee, privilege, grantable }) =>
      statement(id, `${grant(privilege, grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`, {
        undo: schemaOid === null && grantee === role ? '' : revoke(privilege, grantee),
      }),
    );
  return [...(schemaOid === null ? cleared : []), ...granted];
}
