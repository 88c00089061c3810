import { rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import type { Request } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import { callerOf } from '../auth/principal.ts';

/** Requests a minute of one caller; `null`: without end. Callers on this machine are not counted. */
export interface Limits {
  readonly reads: number;
  readonly writes: number;
  /** Tokens that were refused, from one address. */
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
      throw new PlatformError('rate-limited', 'Too many requests. The RateLimit header says when to go on.');
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

/** The gateway runs on this machine and overwrites X-Real-IP; from anybody else the header means nothing. */
function addressOf(request: Request): string {
  const peer = request.socket.remoteAddress ?? '';
  const behindGateway = /^(::ffff:)?127\./.test(peer) || peer === '::1';
  return (behindGateway ? request.get('x-real-ip') : undefined) ?? peer;
}
