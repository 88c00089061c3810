import { ipKeyGenerator, rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import type { Request } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import { callerOf } from '../auth/principal.ts';

/** Requests per minute and caller. Callers on this machine are not limited. */
export interface Limits {
  readonly reads: number;
  readonly writes: number;
  /** Requests to tools in the monolith. */
  readonly tools: number;
  /** Scaffolds and dry runs. The form of the dashboard requests one after each pause in typing. */
  readonly plans: number;
  /** Rejected tokens per minute and address. */
  readonly refusals: number;
}

export const DEFAULT_LIMITS: Limits = { reads: 3_000, writes: 300, tools: 6_000, plans: 120, refusals: 30 };

/** Each counts by itself. Mount them behind `authenticate`. */
export interface Limiters {
  readonly read: RateLimitRequestHandler;
  readonly write: RateLimitRequestHandler;
  readonly tools: RateLimitRequestHandler;
  readonly plans: RateLimitRequestHandler;
  /** Counts rejected tokens and refuses further ones of their address. Lets every other request pass, uncounted. */
  readonly refusals: RateLimitRequestHandler;
}

export function createLimiters(limits: Limits): Limiters {
  const limiter = (
    identifier: string,
    limit: number,
    more: {
      readonly keyGenerator?: (request: Request) => string;
      readonly skip?: (request: Request) => boolean;
    } = {},
  ): RateLimitRequestHandler =>
    rateLimit({
      windowMs: 60_000,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      identifier,
      limit,
      keyGenerator: callerKey,
      skip: isLocalCaller,
      handler: () => {
        throw new PlatformError(
          'rate-limited',
          'Too many requests. Retry after the time in the RateLimit header.',
        );
      },
      ...more,
    });
  return {
    read: limiter('reads', limits.reads),
    write: limiter('writes', limits.writes),
    tools: limiter('tools', limits.tools),
    plans: limiter('plans', limits.plans),
    refusals: limiter('refusals', limits.refusals, {
      keyGenerator: addressKey,
      skip: (request) => isLocalCaller(request) || callerOf(request).refusal === null,
    }),
  };
}

const isLocalCaller = (request: Request): boolean => callerOf(request).local;

/** By subject, so that a caller has one limit at all addresses; by address without a token that is accepted. */
function callerKey(request: Request): string {
  const { principal } = callerOf(request);
  return principal === null ? addressKey(request) : `subject ${principal.subject}`;
}

/** By the client's address, as the trusted proxies report it; by network for IPv6, where one client has many. */
const addressKey = (request: Request): string => `address ${ipKeyGenerator(request.ip ?? '')}`;
