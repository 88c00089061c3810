import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { FENCE_RETRY_AFTER_SECONDS, FENCE_SQLSTATE } from '../fence.ts';
import type { HttpProblem } from '../http-problem.ts';
import { isBadValue, isToolDatabaseAway } from './database-errors.ts';
import { withoutPaths } from './without-paths.ts';

/** Longest JSON body that a host parses. A route may have a parser with a limit of its own. */
export const BODY_LIMIT = '256kb';
export const BODY_LIMIT_BYTES = 256 * 1024;

/** Codes whose title is the platform's; any other code is titled by its HTTP status. */
export const TITLED_CODES = [
  'bad-request',
  'malformed-json',
  'unauthenticated',
  'forbidden',
  'not-found',
  'body-too-large',
  'unsupported-media-type',
  'internal',
  'tool-fenced',
  'database-unreachable',
] as const;
export type ProblemTitles = Readonly<Record<(typeof TITLED_CODES)[number], string>>;

/** An answer of `application/problem+json` (RFC 9457). */
export interface ProblemAnswer {
  readonly status: number;
  /** Stable, kebab-case. */
  readonly code: string;
  /** Default: the title of the code, else of the status. */
  readonly title?: string;
  readonly detail: string;
  readonly errors?: HttpProblem['errors'];
  /** Seconds, for Retry-After. */
  readonly retryAfter?: number;
}

export interface ErrorAnswerOptions {
  /** Logs a fault of the host or the tool. Errors that the caller caused are not reported. */
  readonly onFault: (error: unknown, request: Request, detail: string) => void;
  /** Adds the message of a fault to the answer; for development. */
  readonly showDetails?: boolean;
}

/** The error answers of every host of a tool: the monolith and the exported service. */
export interface ProblemAnswers {
  readonly sendProblem: (response: Response, problem: ProblemAnswer) => void;
  /** Answers requests that no route has matched. */
  readonly answerNotFound: RequestHandler;
  /** Answers whatever a handler throws. */
  readonly answerErrors: (options: ErrorAnswerOptions) => ErrorRequestHandler;
}

export function problemAnswers(titles: ProblemTitles): ProblemAnswers {
  const titleOf = ({ code, status, title }: ProblemAnswer): string =>
    title ??
    (Object.hasOwn(titles, code) ? titles[code as keyof ProblemTitles] : undefined) ??
    STATUS_CODES[status] ??
    'Error';

  const sendProblem: ProblemAnswers['sendProblem'] = (response, problem) => {
    const { status, code, detail, errors = [], retryAfter } = problem;
    if (retryAfter !== undefined) response.set('Retry-After', String(retryAfter));
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.status(status).type('application/problem+json');
    const type = `urn:generator-platform:problem:${code}`;
    const instance = response.req.originalUrl;
    response.send(JSON.stringify({ type, title: titleOf(problem), status, detail, instance, code, errors }));
  };

  return {
    sendProblem,
    answerNotFound(request, response) {
      const [address = ''] = request.originalUrl.split('?', 1);
      const detail = `No route matches ${request.method} ${address}.`;
      sendProblem(response, { status: 404, code: 'not-found', detail });
    },
    answerErrors:
      ({ onFault, showDetails = false }) =>
      (error: unknown, request, response, next) => {
        if (response.headersSent) {
          next(error); // Express closes the connection: a second answer is not possible
          return;
        }
        const problem = problemOf(error);
        if (problem.status < 500 || problem.code === 'tool-fenced') {
          sendProblem(response, problem);
          return;
        }
        onFault(error, request, problem.detail);
        const cause = error instanceof Error && error.message !== problem.detail ? ` ${error.message}` : '';
        sendProblem(response, {
          ...problem,
          detail: problem.detail + (showDetails ? withoutPaths(cause) : ''),
        });
      },
  };
}

function problemOf(error: unknown): ProblemAnswer {
  const thrown = httpProblem(error) ?? platformProblem(error);
  if (thrown !== undefined) return thrown;
  const { code, type, status, message, limit } = (error ?? {}) as Record<string, unknown>;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return requestProblem({ status, type, limit, message: String(message) });
  const known = typeof code === 'string' ? DATABASE_PROBLEMS.get(code) : undefined;
  if (known !== undefined) return known;
  if (!(error instanceof Error)) return INTERNAL;
  if (isToolDatabaseAway(error)) return UNAVAILABLE;
  return isBadValue(error) ? BAD_VALUE : INTERNAL;
}

function httpProblem(error: unknown): ProblemAnswer | undefined {
  if (!isNamed(error, 'HttpProblem')) return undefined;
  const { status, code, message: detail, errors } = error as HttpProblem;
  return isErrorStatus(status) && typeof code === 'string' ? { status, code, detail, errors } : undefined;
}

/** What an answer needs of a `PlatformError` (`contracts/errors.ts`), which not every service carries. */
type ThrownPlatformError = Pick<ProblemAnswer, 'code' | 'title' | 'errors'> & { readonly httpStatus: number };

function platformProblem(error: unknown): ProblemAnswer | undefined {
  if (!isNamed(error, 'PlatformError')) return undefined;
  const { httpStatus: status, code, title, message: detail, errors } = error as Error & ThrownPlatformError;
  return isErrorStatus(status) ? { status, code, title, detail, errors } : undefined;
}

/** By name instead of `instanceof`, because a tool may carry a copy of the class; subclasses may have other names. */
function isNamed(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === name) return true;
  for (let kind: unknown = error.constructor; typeof kind === 'function'; kind = Object.getPrototypeOf(kind))
    if (kind.name === name) return true;
  return false;
}

const isErrorStatus = (status: unknown): boolean =>
  Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600;

interface RefusedRequest {
  readonly status: number;
  readonly type: unknown;
  /** Of a body, in bytes. */
  readonly limit: unknown;
  readonly message: string;
}

/** Requests that Express and its body parsers refuse. */
function requestProblem({ status, type, limit, message }: RefusedRequest): ProblemAnswer {
  if (type === 'entity.too.large') {
    const most = typeof limit === 'number' ? limit : BODY_LIMIT_BYTES;
    const size = most % 1024 === 0 ? `${most / 1024} KiB` : `${most} bytes`;
    return { status: 413, code: 'body-too-large', detail: `The body is over ${size}.` };
  }
  if (type === 'entity.parse.failed')
    return { status: 400, code: 'malformed-json', detail: 'The body is not JSON.' };
  if (status === 415)
    return { status, code: 'unsupported-media-type', detail: 'The body must be application/json in UTF-8.' };
  // a file that response.sendFile does not find
  if (status === 404) return { status, code: 'not-found', detail: 'This file does not exist.' };
  return { status, code: 'bad-request', detail: `The request is not valid: ${withoutPaths(message)}` };
}

const INTERNAL: ProblemAnswer = {
  status: 500,
  code: 'internal',
  detail: 'Something went wrong on our side.',
};

const UNAVAILABLE: ProblemAnswer = {
  status: 503,
  code: 'database-unreachable',
  detail: 'The database does not answer. Try again in a moment.',
  retryAfter: 2,
};

const BAD_VALUE: ProblemAnswer = {
  status: 422,
  code: 'validation-failed',
  detail: 'The database cannot store or compare one of the values.',
};

const RULE_BROKEN: ProblemAnswer = {
  status: 422,
  code: 'validation-failed',
  detail: 'The values violate a constraint of the database.',
};

const BUSY: ProblemAnswer = {
  status: 503,
  code: 'busy',
  detail: 'Another transaction changed the same rows. Try again.',
  retryAfter: 1,
};

/** SQLSTATEs with an answer of their own (PostgreSQL manual, appendix A). */
const DATABASE_PROBLEMS: ReadonlyMap<string, ProblemAnswer> = new Map(
  Object.entries({
    [FENCE_SQLSTATE]: {
      status: 503,
      code: 'tool-fenced',
      detail: 'Writes to this tool are paused while it moves. Reads go on; try again in a moment.',
      retryAfter: FENCE_RETRY_AFTER_SECONDS,
    },
    23505: { status: 409, code: 'conflict', detail: 'A row with this value already exists.' },
    23503: {
      status: 409,
      code: 'conflict',
      detail: 'Another row references this row, or this row references a row that does not exist.',
    },
    23502: RULE_BROKEN,
    23514: RULE_BROKEN,
    42501: {
      status: 500,
      code: 'undeclared-table',
      detail:
        'The tool may not use this table. If the table is its own, declare it in manifest.json under /databaseSchema/tables.',
    },
    40001: BUSY,
    '40P01': BUSY,
    '55P03': BUSY,
    57014: { status: 503, code: 'timeout', detail: 'The database took too long.', retryAfter: 5 },
  }),
);
