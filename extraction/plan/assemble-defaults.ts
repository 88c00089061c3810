import pg from 'pg';
import type { Finding } from '../../contracts/plan.ts';
import type { DefaultAcl, SchemaObject } from '../catalog/catalog.ts';
import { finding } from './findings.ts';
import type { Parts } from './parts.ts';
import type { Statement } from './plan.ts';

interface Surroundings {
  readonly statements: readonly Statement[];
  readonly findings: readonly Finding[];
}

const make = (id: string, sql: string, undo = ''): Statement => ({ id, sql, undo, locks: [] });

/**
 * What belongs to the database around the tables: rights on schemas that the target has already, privileges of objects
 * to come, settings. It is brought where nothing of somebody else's can be disturbed, and named where it is not.
 */
export function assembleSurroundings(parts: Parts, newSchemas: readonly SchemaObject[], used: ReadonlySet<string>): Surroundings {
  // a service has roles of its own: the rights of others are told with the tables
  if (parts.ownership.owner !== null) return databaseSettings(parts);
  const all = [schemaGrants(parts, newSchemas, used), defaultPrivileges(parts, newSchemas, used), databaseSettings(parts)];
  return { statements: all.flatMap((one) => one.statements), findings: all.flatMap((one) => one.findings) };
} // prettier-ignore

function schemaGrants({ catalog, target }: Parts, newSchemas: readonly SchemaObject[], used: ReadonlySet<string>): Surroundings {
  const statements: Statement[] = [];
  const findings: Finding[] = [];
  for (const schema of catalog.schemas) {
    if (!used.has(schema.name) || newSchemas.includes(schema)) continue;
    const there = target.schemaGrants?.[schema.name];
    for (const { grantee, privilege, grantable } of schema.acl ?? []) {
      if (grantee === schema.owner || there?.grants.includes(`${grantee} ${privilege}`) === true) continue;
      const known = grantee === 'PUBLIC' || target.roles.includes(grantee);
      if (known && there?.mine === true)
        statements.push(make(`ACL SCHEMA ${schema.name}`, `GRANT ${privilege} ON SCHEMA ${schema.name} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`, `REVOKE ${privilege} ON SCHEMA ${schema.name} FROM ${grantee}`));
      else
        findings.push(finding({ severity: 'warning', code: 'schema-grant', object: schema.name, message: `${privilege} on schema ${schema.name} is granted to ${grantee} in the source, and not in the target: ${known ? `${target.user} may not grant it` : 'the role is not there'}`, remedy: `GRANT ${privilege} ON SCHEMA ${schema.name} TO ${grantee};` }));
    }
  }
  return { statements, findings };
} // prettier-ignore

function defaultPrivileges({ catalog, target }: Parts, newSchemas: readonly SchemaObject[], used: ReadonlySet<string>): Surroundings {
  const statements: Statement[] = [];
  const findings: Finding[] = [];
  const empty = target.existing.length === 0;
  for (const item of catalog.defaultAcls) {
    const inNew = newSchemas.some((schema) => schema.oid === item.schemaOid);
    if (item.schemaOid !== null && !used.has(item.schema)) continue;
    const unknown = item.acl.filter(({ grantee }) => grantee !== 'PUBLIC' && !target.roles.includes(grantee));
    if ((inNew || empty) && target.assignable.includes(item.role) && unknown.length === 0) statements.push(...alterDefaults(item, target.version));
    else {
      const why = !target.assignable.includes(item.role) ? `${target.user} may not act for ${item.role}` : unknown.length > 0 ? `role ${unknown[0]?.grantee ?? ''} is not there` : 'the target holds other objects';
      findings.push(finding({ severity: 'warning', code: 'default-privileges', object: item.role, message: `Default privileges of ${item.role} for ${item.objects}${item.schema === '' ? '' : ` in schema ${item.schema}`} are left out: ${why}`, remedy: 'ALTER DEFAULT PRIVILEGES in the target, if new objects there shall have them.' }));
    }
  }
  return { statements, findings };
} // prettier-ignore

/** Those of one schema add to the defaults of the server; those of the database stand in their place. */
function alterDefaults(item: DefaultAcl, targetVersion: number): Statement[] {
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${item.role}${item.schemaOid === null ? '' : ` IN SCHEMA ${item.schema}`}`;
  const id = `DEFAULT ACL ${item.role} ${item.schema}`;
  const everybody = item.objects === 'FUNCTIONS' ? 'EXECUTE' : item.objects === 'TYPES' ? 'USAGE' : null;
  const cleared =
    item.schemaOid !== null
      ? []
      : [
          make(id, `${alter} REVOKE ALL ON ${item.objects} FROM ${item.role}`, `${alter} GRANT ALL ON ${item.objects} TO ${item.role}`),
          ...(everybody === null ? [] : [make(id, `${alter} REVOKE ALL ON ${item.objects} FROM PUBLIC`, `${alter} GRANT ${everybody} ON ${item.objects} TO PUBLIC`)]),
        ];
  const granted = item.acl
    .filter(({ privilege }) => privilege !== 'MAINTAIN' || targetVersion >= 170_000)
    .map(({ grantee, privilege, grantable }) =>
      make(id, `${alter} GRANT ${privilege} ON ${item.objects} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`, item.schemaOid === null && grantee === item.role ? '' : `${alter} REVOKE ${privilege} ON ${item.objects} FROM ${grantee}`),
    );
  return [...cleared, ...granted];
} // prettier-ignore

const LISTS = new Set(['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries', 'shared_preload_libraries', 'unix_socket_directories']); // prettier-ignore

function databaseSettings({ catalog, target }: Parts): Surroundings {
  const statements: Statement[] = [];
  const findings: Finding[] = [];
  for (const item of catalog.bystanders) {
    if (item.kind !== 'database setting') continue;
    const value = item.detail.slice(item.name.length + 1);
    const sql = `ALTER DATABASE ${pg.escapeIdentifier(target.database)} SET ${settingName(item.name)} = ${LISTS.has(item.name) ? value : pg.escapeLiteral(value)}`;
    if (target.missing && !/ \(for role .*\)$/s.test(value)) statements.push(make(`SETTING ${item.name}`, sql));
    else
      findings.push(finding({ severity: 'warning', code: 'database-setting', object: item.name, message: `The source database sets ${item.detail}: settings are not copied into a database that is there, nor those of roles`, remedy: `If what moves relies on it: ${sql};` }));
  }
  return { statements, findings };
} // prettier-ignore

const settingName = (name: string): string => name.split('.').map(pg.escapeIdentifier).join('.');
