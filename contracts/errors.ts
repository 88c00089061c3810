/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  usage: 2,
  refused: 3,
  rolledBack: 4,
  rollbackIncomplete: 5,
  interrupted: 130,
} as const;

interface ErrorRow {
  /** General message; the thrown error adds what and where. */
  readonly message: string;
  readonly exit: number;
  /** HTTP status of the error in an API. */
  readonly http: number;
}

/**
 * The table of error codes. Codes are stable, because scripts and the dashboard depend on them. Sorted by family:
 * usage, registry, preflight (exit 3, nothing changed), running (exit 4).
 */
export const ERRORS = {
  // usage
  usage: { message: 'The command line is not valid.', exit: 2, http: 400 },
  'options-invalid': { message: 'The options of a function are not valid.', exit: 2, http: 500 },
  'answers-missing': { message: 'Answers are missing; there is no terminal.', exit: 2, http: 422 },
  'answers-invalid': { message: 'Answers are not valid.', exit: 2, http: 422 },

  // registry
  'malformed-json': { message: 'The body is not JSON.', exit: 2, http: 400 },
  'bad-request': { message: 'The request is not valid.', exit: 2, http: 400 },
  unauthenticated: { message: 'A bearer token is required.', exit: 2, http: 401 },
  forbidden: { message: 'The token lacks the required permission.', exit: 2, http: 403 },
  'not-found': { message: 'This address does not exist.', exit: 2, http: 404 },
  'tool-not-found': { message: 'No tool with this id exists.', exit: 3, http: 404 },
  'job-not-found': { message: 'No job with this id exists.', exit: 3, http: 404 },
  'method-not-allowed': { message: 'The address does not support this method.', exit: 2, http: 405 },
  'tool-exists': { message: 'The tool already exists.', exit: 3, http: 409 },
  'tool-in-use': { message: 'The tool is exported or has a running job.', exit: 3, http: 409 },
  'job-running': { message: 'A job for this tool is running.', exit: 3, http: 409 },
  'job-not-cancellable': { message: 'The job is not a running export.', exit: 3, http: 409 },
  'job-not-undoable': { message: 'The job has nothing to roll back.', exit: 3, http: 409 },
  'idempotency-conflict': { message: 'The Idempotency-Key is already in use.', exit: 3, http: 409 },
  'webhook-limit': { message: 'The owner has too many webhooks.', exit: 3, http: 409 },
  'version-conflict': { message: 'The tool has changed since it was read.', exit: 3, http: 412 },
  'body-too-large': { message: 'The body is too large.', exit: 2, http: 413 },
  'unsupported-media-type': { message: 'The body must be application/json.', exit: 2, http: 415 },
  'manifest-invalid': { message: 'The manifest is not valid.', exit: 3, http: 422 },
  'body-invalid': { message: 'The body is not valid.', exit: 2, http: 422 },
  'lifecycle-invalid': { message: 'This change of status is not allowed.', exit: 3, http: 422 },
  'rate-limited': { message: 'Too many requests.', exit: 2, http: 429 },
  internal: { message: 'Internal error.', exit: 4, http: 500 },
  'registry-unreachable': { message: 'The registry does not answer.', exit: 3, http: 503 },
  'tool-fenced': { message: 'Writes to this tool are paused during its export.', exit: 3, http: 503 },
  'migration-failed': { message: 'The migration of the database failed.', exit: 4, http: 500 },

  // preflight
  'database-unreachable': { message: 'The database does not answer.', exit: 3, http: 503 },
  'database-pooled': { message: 'The database is behind a connection pooler.', exit: 3, http: 409 },
  'git-dirty': { message: 'The git tree has uncommitted changes.', exit: 3, http: 409 },
  'git-missing': { message: 'There is no git repository with a commit.', exit: 3, http: 409 },
  'tool-broken': { message: 'The tool does not run in the monolith.', exit: 3, http: 503 },
  'platform-in-container': { message: 'The platform runs in containers.', exit: 3, http: 409 },
  'mode-mismatch': { message: 'The platform runs in another mode.', exit: 3, http: 409 },
  'port-taken': { message: 'The port is already in use.', exit: 3, http: 409 },
  'engine-unavailable': { message: 'The Docker engine does not answer.', exit: 3, http: 409 },
  'not-exported': { message: 'The tool is not exported.', exit: 3, http: 409 },
  'already-exported': { message: 'The tool is already exported.', exit: 3, http: 409 },
  'target-exists': { message: 'The export would overwrite an existing resource.', exit: 3, http: 409 },
  locked: { message: 'Another export holds the lock.', exit: 3, http: 409 },
  'not-supported': { message: 'This is not supported yet.', exit: 2, http: 400 },
  'nothing-to-roll-back': { message: 'There is no export to roll back.', exit: 3, http: 409 },
  'live-impossible': { message: 'A live cut-over is not possible.', exit: 3, http: 409 },
  'service-has-writes': { message: 'The service has new writes since the cut-over.', exit: 3, http: 409 },
  'bring-back-refused': { message: 'The writes of the service cannot be synced back.', exit: 3, http: 409 },
  'nothing-to-complete': { message: 'There is no export to complete.', exit: 3, http: 409 },
  'not-verified': { message: 'The verification of the export is open.', exit: 3, http: 409 },
  'stream-behind': { message: 'The reverse stream is behind.', exit: 3, http: 409 },
  'source-in-use': { message: "The monolith's tables are still in use.", exit: 3, http: 409 },
  'rollback-first': { message: 'An earlier export left orphaned resources.', exit: 3, http: 409 },

  // preflight: code that cannot be exported
  'code-foreign-tool': { message: 'The code imports another tool.', exit: 3, http: 409 },
  'code-computed-import': { message: 'An import is computed at run time.', exit: 3, http: 409 },
  'code-import-unresolved': { message: 'An import cannot be resolved.', exit: 3, http: 409 },
  'code-package-missing': { message: 'A package is not in the lock file.', exit: 3, http: 409 },
  'code-undeclared-env': { message: 'An environment variable is not declared.', exit: 3, http: 409 },
  'code-undeclared-config': { message: 'A configuration key is not declared.', exit: 3, http: 409 },
  'code-undeclared-table': { message: 'SQL uses a table that is not declared.', exit: 3, http: 409 },
  'code-absolute-path': { message: 'A path is outside the repository.', exit: 3, http: 409 },
  'code-path-escape': { message: 'A path is outside the tool.', exit: 3, http: 409 },
  'code-endpoint-unserved': { message: 'An endpoint of the manifest has no route.', exit: 3, http: 409 },
  'code-endpoint-reserved': { message: 'A route is reserved for every service.', exit: 3, http: 409 },
  'code-endpoint-undeclared': { message: 'A route is not listed in the manifest.', exit: 3, http: 409 },
  'code-ignored-file': { message: 'Git ignores a file that the code uses.', exit: 3, http: 409 },
  'code-repository-file': {
    message: 'The code imports a file that configures the code around it.',
    exit: 3,
    http: 409,
  },
  'code-read-only': {
    message: 'The code writes where the service cannot write.',
    exit: 3,
    http: 409,
  },
  'package-not-portable': {
    message: 'A package cannot be installed outside the repository.',
    exit: 3,
    http: 409,
  },
  'code-link': { message: 'A file is a link that cannot be exported.', exit: 3, http: 409 },
  'code-binary-file': { message: 'A file is binary.', exit: 3, http: 409 },
  'code-below-tool': { message: 'The whole tool lies below src/tool/.', exit: 3, http: 409 },
  'table-foreign': { message: 'A declared table belongs to another owner.', exit: 3, http: 409 },
  'table-shared': { message: 'A table is shared with other tools.', exit: 3, http: 409 },
  'output-edited': { message: 'The output of an earlier export was edited by hand.', exit: 3, http: 409 },

  // running
  'plan-stale': { message: 'The facts have changed since the plan was made.', exit: 4, http: 409 },
  'step-failed': { message: 'A step of the export failed.', exit: 4, http: 500 },
  'switch-timeout': { message: 'Writes could not be switched in time.', exit: 4, http: 500 },
  'answers-differ': { message: 'The service answers otherwise than the monolith.', exit: 4, http: 500 },
  'verification-failed': { message: 'The copied data differs from its source.', exit: 4, http: 500 },
  'health-failed': { message: 'The service is not healthy.', exit: 4, http: 500 },
  'lock-lost': { message: 'The lock was lost.', exit: 4, http: 500 },
  cancelled: { message: 'The export was cancelled.', exit: 130, http: 409 },
  'rollback-incomplete': { message: 'The rollback is incomplete.', exit: 5, http: 500 },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** A problem of one part of a request: its JSON pointer in the body, and the message. */
export interface ErrorDetail {
  readonly pointer: string;
  readonly message: string;
}

/** The only error class that crosses module borders. The message says what, where and what to do next. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly code: ErrorCode;
  readonly errors: readonly ErrorDetail[];
  constructor(
    code: ErrorCode,
    message?: string,
    options: { cause?: unknown; errors?: readonly ErrorDetail[] } = {},
  ) {
    super(
      message ?? ERRORS[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.errors = options.errors ?? [];
  }
  get exitCode(): number {
    return ERRORS[this.code].exit;
  }
  get httpStatus(): number {
    return ERRORS[this.code].http;
  }
  /** The general message of the code. */
  get title(): string {
    return ERRORS[this.code].message;
  }
}
