import type { Request } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tool-context.ts';

/** What is known about a caller, found once a request. */
export interface Caller {
  /** `null`: nobody in particular. */
  readonly principal: Principal | null;
  /** Why the token that was sent is not accepted; `null` when none was sent or it is good. */
  readonly refusal: PlatformError | null;
  /** The request comes from this machine, by every sign it carries. */
  readonly local: boolean;
}

const callers = new WeakMap<Request, Caller>();

export const setCaller = (request: Request, caller: Caller): void => {
  callers.set(request, caller);
};

export const findCaller = (request: Request): Caller | undefined => callers.get(request);

/** @throws Error when `authenticate` has not run: a mistake of the host's, never let through. */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request);
  if (caller === undefined)
    throw new Error(`${request.method} ${request.path}: authenticate() has not run before it`);
  return caller;
}

/**
 * The caller of a request that has passed `requireScope`.
 *
 * @throws PlatformError `unauthenticated` when nobody is known.
 */
export function principalOf(request: Request): Principal {
  const { principal, refusal } = callerOf(request);
  if (refusal !== null) throw refusal;
  if (principal === null)
    throw new PlatformError(
      'unauthenticated',
      'A bearer token is needed: Authorization: Bearer <token>. Get one with: npm run token -- --scope=tools:write',
    );
  return principal;
}

export { grants as mayDo } from '../../contracts/host/permissions.ts';
