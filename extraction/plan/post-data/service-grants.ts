import type { Finding } from '../../../contracts/plan.ts';
import { finding } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { Statement } from '../plan.ts';
import { statements } from '../statement.ts';

/** Grants of the service's runtime role in its own database: rows, never the schema. */
export function grantToService({ ownership, selection }: PlanInput): Statement[] {
  const { owner, runtime } = ownership;
  if (owner === null || runtime === null) return [];
  const schemas = [...new Set(selection.tables.map((table) => table.schema))];
  return statements(
    'ACL SERVICE',
    schemas.flatMap((schema) => [
      `GRANT USAGE ON SCHEMA ${schema} TO ${runtime}`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${runtime}`,
      `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${runtime}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${runtime}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema} GRANT USAGE, SELECT ON SEQUENCES TO ${runtime}`,
    ]),
  );
}

/** The grants of the source that {@link grantToService} takes the place of, by role: none goes without a word. */
export function replacedGrants(parts: PlanInput): readonly Finding[] {
  const { owner, runtime } = parts.ownership;
  if (owner === null || runtime === null) return [];
  const tables = new Map<string, string[]>();
  for (const table of parts.selection.tables)
    for (const grantee of new Set((table.acl ?? []).map((grant) => grant.grantee)))
      if (grantee !== table.owner) tables.set(grantee, [...(tables.get(grantee) ?? []), table.name]);
  return [...tables].map(([grantee, names]) =>
    finding({
      severity: 'info',
      code: 'grants-replaced',
      object: grantee,
      message: `Rights of ${grantee} on ${names.join(', ')} stay in the monolith; ${runtime} uses the rows in the new database`,
    }),
  );
}
