import type { Finding } from '../../contracts/plan.ts';
import { finding } from '../plan/findings.ts';
import type { TableCopy } from '../plan/plan.ts';
import type { TargetFacts } from '../plan/target.ts';
import { OWNER } from '../catalog/fragments.ts';
import { rowsOf, type Session } from './session.ts';

interface Held {
  /** Quoted. */
  readonly role: string;
  /** `null`: owns them. */
  readonly privilege: string | null;
  readonly count: string;
  readonly first: readonly string[];
}

/** Owners and grants of the table's large objects that `copyLargeObjects` will not make, each with its role. */
export async function readLargeObjectFindings(
  session: Session,
  table: TableCopy,
  target: TargetFacts,
): Promise<Finding[]> {
  if (table.largeObjects.length === 0) return [];
  const used = table.largeObjects.map(
    (column) => `EXISTS (SELECT FROM ONLY ${table.name} t WHERE t.${column}::oid = m.oid)`,
  );
  const held = await rowsOf<Held>(
    session,
    `WITH used AS MATERIALIZED (SELECT m.oid, m.lomowner AS owner, m.lomacl AS acl FROM pg_largeobject_metadata m WHERE ${used.join(' OR ')}),
     held AS (
       SELECT oid, ${OWNER('owner')} AS role, NULL AS privilege FROM used
       UNION ALL SELECT oid, ${OWNER('a.grantee')}, a.privilege_type FROM used, aclexplode(acl) a WHERE a.grantee <> 0 AND a.grantee <> owner)
     SELECT role, privilege, count(*) AS count, to_json((array_agg(oid::text ORDER BY oid))[1:3]) AS first
     FROM held GROUP BY role, privilege ORDER BY role, privilege NULLS FIRST`,
  );
  const isCarriedOver = ({ role, privilege }: Held): boolean =>
    target.roles.includes(role) && (privilege !== null || target.assignable.includes(role));
  return held.filter((item) => !isCarriedOver(item)).map((item) => findingOf(item, table, target));
}

function findingOf({ role, privilege, count, first }: Held, table: TableCopy, target: TargetFacts): Finding {
  const exists = target.roles.includes(role);
  const more = Number(count) > first.length ? ` and others, ${count} in all,` : '';
  const objects = `Large object${count === '1' ? '' : 's'} ${first.join(', ')}${more} of ${table.name}`;
  const reason = exists ? `${target.user} may not give objects to it` : 'the target has no such role';
  const create = `CREATE ROLE ${role};`;
  if (privilege !== null)
    return finding({
      severity: 'warning',
      code: 'large-object-grant',
      object: role,
      message: `${objects}: ${privilege} for ${role} is left out: ${reason}`,
      remedy: `To keep it: ${create}`,
    });
  return finding({
    severity: 'warning',
    code: 'owner-mapped',
    object: role,
    message: `${objects}: owner ${role} becomes ${target.user} in the target: ${reason}`,
    remedy: `To keep it: ${exists ? '' : `${create} `}GRANT ${role} TO ${target.user};`,
  });
}
