import { rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import type { Request } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import { callerOf } from '../auth/principal.ts';

/** Requests per minute and caller; `null`: unlimited. Callers on this machine are not limited. */
export interface Limits {
  readonly reads: number;
  readonly writes: number;
  /** Rejected tokens per minute and address. */
  readonly refusals: number;
}

export const DEFAULT_LIMITS: Limits = { reads: 3_000, writes: 300, refusals: 30 };

export interface Limiters {
  readonly read: RateLimitRequestHandler;
  readonly write: RateLimitRequestHandler;
  readonly refusals: RateLimitRequestHandler;
}

export function createLimiters(limits: Limits): Limiters {
  const shared = {
    windowMs: 60_000,
    standardHeaders: 'draft-8' as const,
    legacyHeaders: false,
    skip: (request: Request) => callerOf(request).local,
    handler: () => {
      throw new PlatformError(
        'rate-limited',
        'Too many requests. Retry after the time in the RateLimit header.',
      );
    },
  };
  const bySubject = (request: Request): string => callerOf(request).principal?.subject ?? addressOf(request);
  return {
    read: rateLimit({ ...shared, identifier: 'reads', limit: limits.reads, keyGenerator: bySubject }),
    write: rateLimit({ ...shared, identifier: 'writes', limit: limits.writes, keyGenerator: bySubject }),
    refusals: rateLimit({
      ...shared,
      identifier: 'refusals',
      limit: limits.refusals,
      keyGenerator: addressOf,
      skipSuccessfulRequests: true,
      requestWasSuccessful: (_request, response) => response.statusCode !== 401,
    }),
  };
}

/** Trusts X-Real-IP only from this machine, where the gateway runs and overwrites it. */
function addressOf(request: Request): string {
  const peer = request.socket.remoteAddress ?? '';
  const behindGateway = /^(::ffff:)?127\./.test(peer) || peer === '::1';
  return (behindGateway ? request.get('x-real-ip') : undefined) ?? peer;
}
