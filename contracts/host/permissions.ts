import type { Request } from 'express';
import { HttpProblem } from '../http-problem.ts';
import type { Principal, ToolContext } from '../tool-context.ts';

/** Domains of the platform's own permissions, which no tool may declare. */
export const RESERVED_DOMAINS: readonly string[] = ['exports', 'platform', 'tools', 'webhooks'];

export const isReservedPermission = (permission: string): boolean =>
  RESERVED_DOMAINS.includes(permission.split(':', 1)[0] ?? '');

/** Whether a caller has a permission, by name or by the wildcard. */
export const grants = ({ permissions }: Principal, permission: string): boolean =>
  permissions.includes('*') || permissions.includes(permission);

/**
 * The permissions in the claims of a token: the list `permissions` and the words of `scope` (RFC 8693, 4.2). A token
 * names each of its permissions: drops `*`, which only a host itself grants.
 */
export function permissionsOf(claims: Readonly<Record<string, unknown>>): readonly string[] {
  const { permissions, scope } = claims;
  const words = typeof scope === 'string' ? scope.split(' ') : [];
  const listed = Array.isArray(permissions)
    ? permissions.filter((permission) => typeof permission === 'string')
    : [];
  return [...new Set([...words, ...listed])].filter((permission) => permission !== '' && permission !== '*');
}

/**
 * The `requirePermission` of a host.
 *
 * @param identify gives the caller, or `null` for a request without a token; throws when the token is not valid
 */
export function permissionGuard(
  identify: (request: Request) => Principal | null | Promise<Principal | null>,
): ToolContext['requirePermission'] {
  return (permission) => async (request, _response, next) => {
    const principal = await identify(request);
    if (principal === null)
      throw unauthenticated(`A bearer token with the permission ${permission} is needed.`);
    if (!grants(principal, permission))
      throw new HttpProblem(403, 'forbidden', `The token does not carry the permission ${permission}.`);
    next();
  };
}

export const unauthenticated = (detail: string): HttpProblem =>
  new HttpProblem(401, 'unauthenticated', detail);
