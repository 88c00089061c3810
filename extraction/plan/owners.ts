import type { Finding } from '../../contracts/plan.ts';
import type { Grant } from '../catalog/catalog.ts';
import { finding } from './findings.ts';
import type { PlanInput } from './input.ts';
import type { TargetFacts } from './target.ts';

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
export function mapOwners({ target, ownership }: PlanInput): Owners {
  const found = new Map<string, Finding>();

  function ownerOf(owner: string): string {
    if (ownership.owner !== null) return ownership.owner;
    if (target.assignable.includes(owner)) return owner;
    found.set(`owner ${owner}`, ownerMapped(owner, target));
    return target.user;
  }

  /** `null` leaves the grant out. */
  function mapGrant(grant: Grant, owner: string, object: string): Grant | null {
    const mapped = (role: string): string => (role === owner ? ownerOf(owner) : role);
    const [grantee, grantor] = [mapped(grant.grantee), mapped(grant.grantor)];
    if (grant.privilege === 'MAINTAIN' && target.version < MAINTAIN) {
      found.set('maintain', privilegeUnknown(object, target));
      return null;
    }
    const isKnown = grantee === 'PUBLIC' || target.roles.includes(grantee);
    if (isKnown && !target.superuser && grantor !== ownerOf(owner)) {
      found.set(`grantor ${grantor}`, grantorMapped(grantor, object, target));
      return { ...grant, grantee, grantor: ownerOf(owner) };
    }
    if (isKnown && target.roles.includes(grantor)) return { ...grant, grantee, grantor };
    const role = isKnown ? grantor : grantee;
    found.set(`grant ${role} ${object}`, roleMissing(role, object));
    return null;
  }

  return {
    ownerOf,
    grantsOf: (acl, owner, object) =>
      acl === null || ownership.owner !== null
        ? null
        : acl.flatMap((grant) => mapGrant(grant, owner, object) ?? []),
    findings: () => [...found.values()],
  };
}

/** MAINTAIN exists from this major on. */
const MAINTAIN = 170_000;

const ownerMapped = (owner: string, { roles, user }: TargetFacts): Finding =>
  finding({
    severity: 'warning',
    code: 'owner-mapped',
    object: owner,
    message: `Owner ${owner} becomes ${user} in the target: ${roles.includes(owner) ? `${user} may not give objects to it` : 'the target has no such role'}`,
    remedy: `To keep it: CREATE ROLE ${owner}; GRANT ${owner} TO ${user};`,
  });

const privilegeUnknown = (object: string, { version }: TargetFacts): Finding =>
  finding({
    severity: 'info',
    code: 'privilege-unknown',
    object,
    message: `MAINTAIN on ${object} and others: PostgreSQL ${Math.floor(version / 10_000)} does not know this privilege`,
  });

const grantorMapped = (grantor: string, object: string, { user }: TargetFacts): Finding =>
  finding({
    severity: 'warning',
    code: 'grantor-mapped',
    object,
    message: `Rights on ${object} and others were granted by ${grantor}; ${user} is no superuser and may not grant in its name: the owner grants them`,
  });

const roleMissing = (role: string, object: string): Finding =>
  finding({
    severity: 'error',
    code: 'role-missing',
    object,
    message: `${object} is granted to or by ${role}, a role that the target does not have`,
    remedy: `Create it there first: CREATE ROLE ${role};`,
  });
