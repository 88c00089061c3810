import type { Grant, SchemaObject } from '../../catalog/catalog.ts';
import type { Assembly, Section } from '../assembly.ts';
import { finding } from '../findings.ts';
import { statement } from '../statement.ts';

interface SchemaGrant extends Grant {
  readonly schema: string;
  /** `null` when the target can take the grant. */
  readonly obstacle: string | null;
}

/** Grants on schemas that exist in the target already. */
export function schemaGrants(assembly: Assembly): Section {
  const grants = assembly.catalog.schemas
    .filter((schema) => assembly.usedSchemas.has(schema.name) && !assembly.newSchemas.includes(schema))
    .flatMap((schema) => missingGrants(assembly, schema));
  return {
    statements: grants
      .filter(({ obstacle }) => obstacle === null)
      .map(({ schema, grantee, privilege, grantable }) =>
        statement(
          `ACL SCHEMA ${schema}`,
          `GRANT ${privilege} ON SCHEMA ${schema} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`,
          { undo: `REVOKE ${privilege} ON SCHEMA ${schema} FROM ${grantee}` },
        ),
      ),
    findings: grants.flatMap(({ schema, grantee, privilege, obstacle }) =>
      obstacle === null
        ? []
        : [
            finding({
              severity: 'warning',
              code: 'schema-grant',
              object: schema,
              message: `${privilege} on schema ${schema} is granted to ${grantee} in the source, and not in the target: ${obstacle}`,
              remedy: `GRANT ${privilege} ON SCHEMA ${schema} TO ${grantee};`,
            }),
          ],
    ),
  };
}

function missingGrants({ target }: Assembly, { name, owner, acl }: SchemaObject): SchemaGrant[] {
  const existing = target.schemaGrants?.[name];
  const isMissing = ({ grantee, privilege }: Grant): boolean =>
    grantee !== owner && existing?.grants.includes(`${grantee} ${privilege}`) !== true;
  const obstacleTo = ({ grantee }: Grant): string | null => {
    if (grantee !== 'PUBLIC' && !target.roles.includes(grantee)) return 'the role is not there';
    return existing?.mine === true ? null : `${target.user} may not grant it`;
  };
  return (acl ?? [])
    .filter(isMissing)
    .map((grant) => ({ ...grant, schema: name, obstacle: obstacleTo(grant) }));
}
