import type { Request } from 'express';
import { HttpProblem } from '../http-problem.ts';
import type { Principal, ToolContext } from '../tool-context.ts';

/** Whether a caller has a permission, by name or by the wildcard. */
export const grants = ({ permissions }: Principal, permission: string): boolean =>
  permissions.includes('*') || permissions.includes(permission);

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
