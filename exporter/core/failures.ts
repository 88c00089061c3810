import { PlatformError, type ErrorCode } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/plan.ts';

/** Preflight said no. Nothing has been changed. Carries every finding, the good ones too. */
export class RefusedError extends PlatformError {
  readonly findings: readonly Finding[];
  constructor(code: ErrorCode, findings: readonly Finding[]) {
    const errors = findings.filter((f) => f.severity === 'error');
    super(code, errors.map((f) => f.message).join('; '));
    this.findings = findings;
  }
}

/** Somebody asked to stop: Ctrl-C, SIGTERM, a closed terminal, the API. */
export class CancelledError extends PlatformError {
  constructor(by: string) {
    super('cancelled', `Interrupted by ${by}`);
  }
}

/** What the system says in a word, and what to do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space there, then export again.',
  EDQUOT: 'The disk quota is used up. Free some space there, then export again.',
  EFBIG: 'No larger file may be written: see ulimit -f. Raise the limit, then export again.',
  EROFS: 'It lies on a read-only file system. Mount it writable, then export again.',
  EACCES: 'It may not be written. Correct its owner or mode, then export again.',
  EPERM: 'It may not be changed. Correct its owner, mode or attributes, then export again.',
  EMFILE: 'Too many files are open: see ulimit -n. Raise the limit, then export again.',
  '53100': 'The disk of PostgreSQL is full. Free some space there, then export again.',
  '53300': 'PostgreSQL has no connection left. End some, or raise max_connections, then export again.',
};

function whatNext(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const remedy = typeof code === 'string' ? REMEDIES[code] : undefined;
  return remedy === undefined ? '' : `. ${remedy}`;
}

/** What is thrown, as an error of ours that says what to do. Safe to call twice. */
export function toPlatformError(error: unknown): PlatformError {
  if (error instanceof PlatformError) return withRemedy(error);
  const message = error instanceof Error ? error.message : String(error);
  return new PlatformError('step-failed', `${message}${whatNext(error)}`, { cause: error });
}

/** Whoever has wrapped the system's error has said where; its first line is the one that all see. */
function withRemedy(error: PlatformError): PlatformError {
  const remedy = whatNext(error.cause);
  if (error.code !== 'step-failed' || remedy === '' || error.message.includes(remedy)) return error;
  const [first = '', ...rest] = error.message.split('\n');
  return new PlatformError('step-failed', [`${first}${remedy}`, ...rest].join('\n'), {
    cause: error.cause,
    errors: error.errors,
  });
}
