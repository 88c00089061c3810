import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import { ERRORS, PlatformError, type ErrorCode, type ErrorDetail } from '../contracts/errors.ts';
import { HttpProblem } from '../contracts/http-problem.ts';
import { ManifestError } from '../contracts/manifest.ts';
import { isBadValue, isDatabaseAway } from '../contracts/host/database-errors.ts';
import { withoutPaths } from '../contracts/host/without-paths.ts';

/** The body of every error, RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** Stable, from the table in `contracts/errors.ts`. */
  readonly code: string;
  readonly errors: readonly ErrorDetail[];
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly ErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers every error as `application/problem+json`. Client errors are described in full; details of server
 * errors go only to the log (through `onFault`).
 */
export function problemHandler(onFault: (error: unknown, requestId: string) => void): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const answer = answerFor(error);
    if (answer.status >= 500) onFault(error, requestIdOf(response));
    if (response.headersSent) {
      next(error); // the answer has begun, so Express closes the connection
      return;
    }
    sendProblem(response, request.originalUrl, answer);
  };
}

function sendProblem(response: Response, instance: string, answer: Answer): void {
  const problem: Problem = {
    type: `urn:generator-platform:problem:${answer.code}`,
    title: answer.title,
    status: answer.status,
    detail: answer.detail,
    instance,
    code: answer.code,
    errors: answer.errors,
  };
  response.status(answer.status).set(answer.headers).set('Cache-Control', 'no-store');
  response.type('application/problem+json').send(JSON.stringify(problem));
}

const requestIdOf = (response: Response): string => String(response.getHeader('x-request-id') ?? '');

function answerFor(error: unknown): Answer {
  if (error instanceof PlatformError) return fromCode(error.code, error.message, error.errors);
  if (error instanceof ManifestError) return manifestAnswer(error);
  if (error instanceof HttpProblem)
    return {
      ...shape(error.status),
      code: error.code,
      detail: error.message,
      errors: error.errors,
      headers: {},
    };
  if (isDatabaseAway(error))
    return fromCode(
      'database-unreachable',
      'The database of the registry does not answer. Try again shortly.',
    );
  if (isBadValue(error))
    return fromCode('bad-request', 'A value in the request cannot be stored or compared.');
  return (
    bodyError(error) ?? fromCode('internal', 'Internal error. Find its details in the log by the request id.')
  );
}

function manifestAnswer(error: ManifestError): Answer {
  return fromCode(
    'manifest-invalid',
    `The manifest has ${error.problems.length} problem(s): ${error.message.replaceAll('\n', '; ')}`,
    error.problems,
  );
}

/** Errors of Express and its body parser; they carry `type` and `status`. */
function bodyError(error: unknown): Answer | null {
  const { type, status, message } = error as { type?: unknown; status?: unknown; message?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      return fromCode('malformed-json', `The body is not JSON: ${String(message)}`);
    case 'entity.too.large':
      return fromCode('body-too-large', 'The body is over 256 KiB.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return fromCode('unsupported-media-type', `The body must be UTF-8 JSON: ${String(message)}`);
    default:
      // aborted bodies, wrong lengths, addresses that cannot be decoded
      return typeof status === 'number' && status >= 400 && status < 500
        ? fromCode('bad-request', `The request is not valid: ${withoutPaths(String(message))}`)
        : null;
  }
}

function fromCode(code: ErrorCode, detail: string, errors: readonly ErrorDetail[] = []): Answer {
  const { http, message } = ERRORS[code];
  return { status: http, code, title: message, detail, errors, headers: extraHeaders(http, code) };
}

function extraHeaders(status: number, code: ErrorCode): Record<string, string> {
  if (status === 401)
    return {
      'WWW-Authenticate': code === 'unauthenticated' ? 'Bearer realm="generator-platform"' : 'Bearer',
    };
  if (status === 503) return { 'Retry-After': '2' };
  return {};
}

const shape = (status: number): { status: number; title: string } => ({
  status,
  title: STATUS_CODES[status] ?? 'Error',
});
