import type { Finding } from '../../contracts/plan.ts';
import type { Grant } from '../catalog/catalog.ts';
import { finding } from './findings.ts';
import type { PlanInput } from './input.ts';

export interface Owners {
  /** Quoted role that owns, in the target, what `owner` owns in the source. */
  ownerOf(owner: string): string;
  /** Grants as they shall be in the target; `null`: the defaults of the kind. */
  grantsOf(acl: readonly Grant[] | null, owner: string, object: string): readonly Grant[] | null;
  findings(): readonly Finding[];
}

/**
 * Roles belong to the server, not to the database: an owner that the target lacks, or whose objects its user may not
 * make, is mapped to that user and named. A grant to a role that is not there is refused by name.
 */
export function mapOwners(parts: PlanInput): Owners {
  const { target, ownership } = parts;
  const found = new Map<string, Finding>();

  function ownerOf(owner: string): string {
    if (ownership.owner !== null) return ownership.owner;
    if (target.assignable.includes(owner)) return owner;
    const why = target.roles.includes(owner)
      ? `${target.user} may not give objects to it`
      : 'the target has no such role';
    found.set(`owner ${owner}`, finding({ severity: 'warning', code: 'owner-mapped', object: owner, message: `Owner ${owner} becomes ${target.user} in the target: ${why}`, remedy: `To keep it: CREATE ROLE ${owner}; GRANT ${owner} TO ${target.user};` })); // prettier-ignore
    return target.user;
  }

  function grantsOf(acl: readonly Grant[] | null, owner: string, object: string): readonly Grant[] | null {
    if (acl === null || ownership.owner !== null) return null;
    const mapped: Grant[] = [];
    for (const grant of acl) {
      const grantee = grant.grantee === owner ? ownerOf(owner) : grant.grantee;
      const grantor = grant.grantor === owner ? ownerOf(owner) : grant.grantor;
      if (grant.privilege === 'MAINTAIN' && target.version < 170_000) {
        found.set(
          'maintain',
          finding({
            severity: 'info',
            code: 'privilege-unknown',
            object,
            message: `MAINTAIN on ${object} and others: PostgreSQL ${Math.floor(target.version / 10_000)} does not know this privilege`,
          }),
        );
        continue;
      }
      const known = grantee === 'PUBLIC' || target.roles.includes(grantee);
      if (known && !target.superuser && grantor !== ownerOf(owner)) {
        found.set(
          `grantor ${grantor}`,
          finding({
            severity: 'warning',
            code: 'grantor-mapped',
            object,
            message: `Rights on ${object} and others were granted by ${grantor}; ${target.user} is no superuser and may not grant in its name: the owner grants them`,
          }),
        );
        mapped.push({ ...grant, grantee, grantor: ownerOf(owner) });
      } else if (known && target.roles.includes(grantor)) mapped.push({ ...grant, grantee, grantor });
      else {
        const role = known ? grantor : grantee;
        found.set(`grant ${role} ${object}`, finding({ severity: 'error', code: 'role-missing', object, message: `${object} is granted to or by ${role}, a role that the target does not have`, remedy: `Create it there first: CREATE ROLE ${role};` })); // prettier-ignore
      }
    }
    return mapped;
  }

  return { ownerOf, grantsOf, findings: () => [...found.values()] };
}
