import { PlatformError, type ErrorCode } from '../../contracts/errors.ts';
import { CANCELLED_BY_REQUEST } from '../../contracts/job.ts';
import type { Finding } from '../../contracts/plan.ts';

/** The preflight refused the export; nothing was changed. Carries every finding, including those that passed. */
export class RefusedError extends PlatformError {
  readonly findings: readonly Finding[];
  constructor(code: ErrorCode, findings: readonly Finding[]) {
    const errors = findings.filter((f) => f.severity === 'error');
    super(code, errors.map((f) => f.message).join('; '));
    this.findings = findings;
  }
}

/** The run was cancelled: by Ctrl-C, SIGTERM, a closed terminal or the API. */
export class CancelledError extends PlatformError {
  constructor(message: string) {
    super('cancelled', message);
  }
}

/** A person at the process's own machine has stopped it: Ctrl-C, SIGTERM, a closed terminal. */
export class CancelledBySignal extends CancelledError {}

/** A user has cancelled the job. Such a job ends as `cancelled`; after Ctrl-C it ends as `rolled_back`. */
export class CancelledByRequest extends CancelledError {
  constructor() {
    super(CANCELLED_BY_REQUEST);
  }
}

/** Remedies by the error code of Node or PostgreSQL. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space there, then export again.',
  EDQUOT: 'The disk quota is used up. Free some space there, then export again.',
  EFBIG: 'The limit of the file size is reached: see ulimit -f. Raise the limit, then export again.',
  EROFS: 'The file system is read-only. Mount it writable, then export again.',
  EACCES: 'Write permission is missing. Correct the owner or mode, then export again.',
  EPERM: 'The change is not permitted. Correct the owner, mode or attributes, then export again.',
  EMFILE: 'Too many files are open: see ulimit -n. Raise the limit, then export again.',
  '53100': 'The disk of PostgreSQL is full. Free some space there, then export again.',
  '53300': 'PostgreSQL has no free connection. Close some, or raise max_connections, then export again.',
};

function remedyFor(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const remedy = typeof code === 'string' ? REMEDIES[code] : undefined;
  return remedy === undefined ? '' : `. ${remedy}`;
}

/** Converts any thrown value to a PlatformError with a remedy. Safe to call twice. */
export function toPlatformError(error: unknown): PlatformError {
  if (error instanceof PlatformError) return withRemedy(error);
  const message = error instanceof Error ? error.message : String(error);
  return new PlatformError('step-failed', `${message}${remedyFor(error)}`, { cause: error });
}

/** Adds the remedy to the first line, the only one that every reader sees; the wrapping error has named the place. */
function withRemedy(error: PlatformError): PlatformError {
  const remedy = remedyFor(error.cause);
  if (error.code !== 'step-failed' || remedy === '' || error.message.includes(remedy)) return error;
  const [first = '', ...rest] = error.message.split('\n');
  return new PlatformError('step-failed', [`${first}${remedy}`, ...rest].join('\n'), {
    cause: error.cause,
    errors: error.errors,
  });
}
