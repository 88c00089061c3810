import type { Finding } from '../../../contracts/plan.ts';
import type { Assembly, Section } from '../assembly.ts';
import { finding } from '../findings.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';

/** Grants on schemas that exist in the target already. */
export function schemaGrants({ catalog, target, newSchemas, usedSchemas }: Assembly): Section {
  const statements: Statement[] = [];
  const findings: Finding[] = [];
  for (const schema of catalog.schemas) {
    if (!usedSchemas.has(schema.name) || newSchemas.includes(schema)) continue;
    const existing = target.schemaGrants?.[schema.name];
    for (const { grantee, privilege, grantable } of schema.acl ?? []) {
      if (grantee === schema.owner || existing?.grants.includes(`${grantee} ${privilege}`) === true) continue;
      const on = `${privilege} ON SCHEMA ${schema.name}`;
      const known = grantee === 'PUBLIC' || target.roles.includes(grantee);
      if (known && existing?.mine === true)
        statements.push(
          statement(
            `ACL SCHEMA ${schema.name}`,
            `GRANT ${on} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`,
            { undo: `REVOKE ${on} FROM ${grantee}` },
          ),
        );
      else {
        const reason = known ? `${target.user} may not grant it` : 'the role is not there';
        findings.push(
          finding({
            severity: 'warning',
            code: 'schema-grant',
            object: schema.name,
            message: `${privilege} on schema ${schema.name} is granted to ${grantee} in the source, and not in the target: ${reason}`,
            remedy: `GRANT ${on} TO ${grantee};`,
          }),
        );
      }
    }
  }
  return { statements, findings };
}
