import type { Finding } from '../../contracts/plan.ts';
import type { Grant } from '../catalog/catalog.ts';
import { MAINTAIN } from './ddl/acl.ts';
import { finding } from './findings.ts';
import type { PlanInput } from './input.ts';
import type { TargetFacts } from './target.ts';

export interface Owners {
  /** Quoted role that owns, in the target, what `owner` owns in the source. */
  ownerOf(owner: string): string;
  /** Grants for the target; `null` for the defaults of the kind. */
  grantsOf(acl: readonly Grant[] | null, owner: string, object: string): readonly Grant[] | null;
  findings(): readonly Finding[];
}

/**
 * Roles belong to the server, not to the database. An owner that the target lacks, or for whom its user cannot create
 * objects, is mapped to that user, with a finding. A grant to a missing role is refused.
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

const ownerMapped = (owner: string, { roles, user }: TargetFacts): Finding =>
  finding({
    severity: 'warning',
    code: 'owner-mapped',
    object: owner,
    message: `Owner ${owner} becomes ${user} in the target: ${roles.includes(owner) ? `${user} cannot give objects to it` : 'the target lacks the role'}`,
    remedy: `To keep it: CREATE ROLE ${owner}; GRANT ${owner} TO ${user};`,
  });

const privilegeUnknown = (object: string, { version }: TargetFacts): Finding =>
  finding({
    severity: 'info',
    code: 'privilege-unknown',
    object,
    message: `MAINTAIN on ${object} and others: PostgreSQL ${Math.floor(version / 10_000)} does not support this privilege`,
  });

const grantorMapped = (grantor: string, object: string, { user }: TargetFacts): Finding =>
  finding({
    severity: 'warning',
    code: 'grantor-mapped',
    object,
    message: `Privileges on ${object} and other objects were granted by ${grantor}; ${user} is not a superuser and cannot grant in its name, so the owner grants them`,
  });

const roleMissing = (role: string, object: string): Finding =>
  finding({
    severity: 'error',
    code: 'role-missing',
    object,
    message: `${object} is granted to or by role ${role}, which the target lacks`,
    remedy: `Create the role first: CREATE ROLE ${role};`,
  });
