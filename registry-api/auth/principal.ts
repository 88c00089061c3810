import type { Request } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tool-context.ts';

/** The caller of a request, identified once. */
export interface Caller {
  /** `null`: anonymous. */
  readonly principal: Principal | null;
  /** Why the token was rejected; `null` when none was sent or it is valid. */
  readonly refusal: PlatformError | null;
  /** Whether the request comes from this machine. */
  readonly local: boolean;
}

const callers = new WeakMap<Request, Caller>();

export const setCaller = (request: Request, caller: Caller): void => {
  callers.set(request, caller);
};

export const findCaller = (request: Request): Caller | undefined => callers.get(request);

/** @throws Error when `authenticate` has not run: a bug in the host, never let through. */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request);
  if (caller === undefined)
    throw new Error(`${request.method} ${request.path}: authenticate() has not run before it`);
  return caller;
}

/**
 * The caller of a request that has passed `requireScope`.
 *
 * @throws PlatformError `unauthenticated` when the caller is anonymous.
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
