import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { FENCE_RETRY_AFTER_SECONDS, FENCE_SQLSTATE } from '../../../contracts/fence.ts';
import type { HttpProblem } from '../../../contracts/http-problem.ts';
import { ERRORS, PlatformError, type ErrorCode } from '../../../contracts/errors.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { isBadValue, isDatabaseAway } from '../../../registry-api/http/database-errors.ts';
import { safeUrl } from '../../../registry-api/http/request-log.ts';
import { idOf } from './request-id.ts';

/** An answer of `application/problem+json` (RFC 9457). */
export interface ProblemAnswer {
  readonly status: number;
  /** Stable, kebab-case. */
  readonly code: string;
  readonly detail: string;
  readonly errors?: HttpProblem['errors'];
  /** Seconds, for Retry-After. */
  readonly retryAfter?: number;
}

export function sendProblem(res: Response, problem: ProblemAnswer): void {
  const { status, code, detail, errors = [], retryAfter } = problem;
  if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
  if (status === 401) res.set('WWW-Authenticate', 'Bearer');
  res.status(status).set('Cache-Control', 'no-store').type('application/problem+json');
  const type = `urn:generator-platform:problem:${code}`;
  const title = code in ERRORS ? ERRORS[code as ErrorCode].message : (STATUS_CODES[status] ?? 'Error');
  res.send(JSON.stringify({ type, title, status, detail, instance: res.req.originalUrl, code, errors }));
}

/** Answers whatever a tool throws. What is the tool's own fault is logged; what is the caller's is not. */
export function answerToolErrors({
  logger,
  showDetails,
}: {
  logger: ToolLogger;
  /** Whether callers may read what went wrong inside (development). */
  showDetails: boolean;
}): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error); // too late for another answer: Express closes the connection
      return;
    }
    const problem = problemOf(error);
    if (problem.status < 500 || problem.code === 'tool-fenced') {
      sendProblem(res, problem);
      return;
    }
    logger.error(
      { err: error, requestId: idOf(req), method: req.method, url: safeUrl(req.originalUrl) },
      problem.detail,
    );
    const cause = error instanceof Error && error.message !== problem.detail ? ` ${error.message}` : '';
    sendProblem(res, { ...problem, detail: problem.detail + (showDetails ? cause : '') });
  };
}

/** The tool has no such route. */
export const answerNotFound: RequestHandler = (req, res) => {
  sendProblem(res, {
    status: 404,
    code: 'not-found',
    detail: `There is nothing at ${req.method} ${req.originalUrl.split('?', 1)[0] ?? ''}.`,
  });
};

function problemOf(error: unknown): ProblemAnswer {
  if (isHttpProblem(error)) {
    const { status, code, message: detail, errors } = error;
    return { status, code, detail, errors };
  }
  if (error instanceof PlatformError)
    return { status: error.httpStatus, code: error.code, detail: error.message, errors: error.errors };
  const { code, type, status, message } = (error ?? {}) as Record<string, unknown>;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return requestProblem(status, type, String(message));
  const known = typeof code === 'string' ? databaseProblem(code) : undefined;
  if (known !== undefined) return known;
  if (!(error instanceof Error)) return INTERNAL;
  if (isDatabaseAway(error)) return UNAVAILABLE;
  return isBadValue(error) ? BAD_VALUE : INTERNAL;
}

/** A tool may carry a copy of the class, so its shape counts. */
function isHttpProblem(error: unknown): error is HttpProblem {
  if (!(error instanceof Error) || error.name !== 'HttpProblem') return false;
  const { status, code } = error as Partial<HttpProblem>;
  return (
    typeof code === 'string' && Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600
  );
}

const INTERNAL: ProblemAnswer = {
  status: 500,
  code: 'internal',
  detail: 'Something went wrong on our side.',
};

/** What Express and its body parsers refuse. */
function requestProblem(status: number, type: unknown, message: string): ProblemAnswer {
  if (type === 'entity.too.large')
    return { status: 413, code: 'body-too-large', detail: 'The body is over 256 KiB.' };
  if (type === 'entity.parse.failed')
    return { status: 400, code: 'malformed-json', detail: 'The body is not JSON.' };
  if (status === 415)
    return { status, code: 'unsupported-media-type', detail: 'The body must be application/json in UTF-8.' };
  return { status, code: 'bad-request', detail: `The request is not valid: ${message}` };
}

const UNAVAILABLE: ProblemAnswer = {
  status: 503,
  code: 'database-unreachable',
  detail: 'The database does not answer. Try again in a moment.',
  retryAfter: 2,
};

const BAD_VALUE: ProblemAnswer = {
  status: 422,
  code: 'validation-failed',
  detail: 'A value is not one that the database can take.',
};

/** SQLSTATEs that say more than 'bad value' or 'not there' (PostgreSQL manual, Appendix A). */
function databaseProblem(code: string): ProblemAnswer | undefined {
  switch (code) {
    case FENCE_SQLSTATE:
      return {
        status: 503,
        code: 'tool-fenced',
        detail: 'Writes to this tool are paused while it moves. Reads go on; try again in a moment.',
        retryAfter: FENCE_RETRY_AFTER_SECONDS,
      };
    case '23505':
      return { status: 409, code: 'conflict', detail: 'There is one already.' };
    case '23503':
      return {
        status: 409,
        code: 'conflict',
        detail: 'Something else refers to it, or it refers to nothing.',
      };
    case '23502':
    case '23514':
      return { status: 422, code: 'validation-failed', detail: 'The values break a rule of the database.' };
    case '42501':
      return {
        status: 500,
        code: 'undeclared-table',
        detail:
          'The tool uses a table that it may not use. Declare it in manifest.json under /databaseSchema/tables if it is its own.',
      };
    case '40001':
    case '40P01':
    case '55P03':
      return {
        status: 503,
        code: 'busy',
        detail: 'Somebody else changed the same rows. Try again.',
        retryAfter: 1,
      };
    case '57014':
      return { status: 503, code: 'timeout', detail: 'The database took too long.', retryAfter: 5 };
    default:
      return undefined;
  }
}
