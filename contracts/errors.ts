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
  /** One sentence in general terms; the thrown error adds what and where. */
  readonly message: string;
  readonly exit: number;
  /** HTTP status when the same error leaves through an API. */
  readonly http: number;
}

/**
 * The one table of error codes. Codes are stable: scripts and the dashboard rely on them.
 * Sorted by family: usage, registry, preflight (exit 3, nothing changed), running (exit 4).
 */
export const ERRORS = {
  // usage
  usage: { message: 'The command line is not right.', exit: 2, http: 400 },
  'answers-missing': {
    message: 'Answers are missing and there is no terminal to ask on.',
    exit: 2,
    http: 422,
  },
  'answers-invalid': { message: 'Answers are not valid.', exit: 2, http: 422 },

  // registry
  'malformed-json': { message: 'The body is not JSON.', exit: 2, http: 400 },
  'bad-request': { message: 'The request is not valid.', exit: 2, http: 400 },
  unauthenticated: { message: 'A bearer token is needed.', exit: 2, http: 401 },
  forbidden: { message: 'The token does not carry the scope.', exit: 2, http: 403 },
  'not-found': { message: 'There is nothing at this address.', exit: 2, http: 404 },
  'tool-not-found': { message: 'No tool of this id is registered.', exit: 3, http: 404 },
  'job-not-found': { message: 'No job of this id exists.', exit: 3, http: 404 },
  'method-not-allowed': { message: 'The address does not take this method.', exit: 2, http: 405 },
  'tool-exists': { message: 'The tool is registered already.', exit: 3, http: 409 },
  'tool-in-use': { message: 'The tool is exported or has a running job.', exit: 3, http: 409 },
  'job-running': { message: 'A job for this tool is running.', exit: 3, http: 409 },
  'job-not-cancellable': { message: 'The job is not running.', exit: 3, http: 409 },
  'job-not-undoable': { message: 'The job left nothing to undo.', exit: 3, http: 409 },
  'idempotency-conflict': {
    message: 'The Idempotency-Key was used for another request.',
    exit: 3,
    http: 409,
  },
  'version-conflict': { message: 'The tool was changed meanwhile.', exit: 3, http: 412 },
  'body-too-large': { message: 'The body is over 256 KiB.', exit: 2, http: 413 },
  'unsupported-media-type': { message: 'The body must be application/json.', exit: 2, http: 415 },
  'manifest-invalid': { message: 'The manifest is not valid.', exit: 3, http: 422 },
  'body-invalid': { message: 'The body is not valid.', exit: 2, http: 422 },
  'lifecycle-invalid': { message: 'The status cannot change like this.', exit: 3, http: 422 },
  'rate-limited': { message: 'Too many requests.', exit: 2, http: 429 },
  internal: { message: 'Something went wrong on our side.', exit: 4, http: 500 },
  'registry-unreachable': { message: 'The registry does not answer.', exit: 3, http: 503 },
  'tool-fenced': { message: 'Writes to this tool are paused while it moves.', exit: 3, http: 503 },
  'migration-failed': { message: 'The database could not be migrated.', exit: 4, http: 500 },

  // preflight
  'database-unreachable': { message: 'The database does not answer.', exit: 3, http: 503 },
  'git-dirty': { message: 'The git tree has uncommitted changes.', exit: 3, http: 409 },
  'git-missing': { message: 'This is not a git repository with a commit.', exit: 3, http: 409 },
  'port-taken': { message: 'The port is taken.', exit: 3, http: 409 },
  'engine-unavailable': { message: 'The Docker engine does not answer.', exit: 3, http: 409 },
  'already-exported': { message: 'The tool is exported already.', exit: 3, http: 409 },
  'target-exists': { message: 'The export would overwrite something that is there.', exit: 3, http: 409 },
  locked: { message: 'Another export holds the lock.', exit: 3, http: 409 },
  'not-supported': { message: 'This is not supported yet.', exit: 2, http: 400 },
  'nothing-to-roll-back': { message: 'There is no export to take back.', exit: 3, http: 409 },
  'service-has-writes': { message: 'The service has taken writes since the switch.', exit: 3, http: 409 },
  'bring-back-refused': { message: "The service's writes cannot be brought home.", exit: 3, http: 409 },
  'rollback-first': { message: 'An earlier export left effects behind.', exit: 3, http: 409 },

  // preflight: code that cannot leave the monolith
  'code-foreign-tool': { message: 'The code of another tool is imported.', exit: 3, http: 409 },
  'code-computed-import': { message: 'What is imported is known only at run time.', exit: 3, http: 409 },
  'code-import-unresolved': { message: 'An import leads to no file.', exit: 3, http: 409 },
  'code-package-missing': { message: 'A package is not in the lock file.', exit: 3, http: 409 },
  'code-undeclared-env': { message: 'A variable of the environment is not declared.', exit: 3, http: 409 },
  'code-undeclared-config': { message: 'A key of the configuration is not declared.', exit: 3, http: 409 },
  'code-undeclared-table': { message: 'SQL uses a table that is not declared.', exit: 3, http: 409 },
  'code-absolute-path': { message: 'A path leads out of the repository.', exit: 3, http: 409 },
  'code-path-escape': { message: 'A path leads out of the tool.', exit: 3, http: 409 },
  'code-endpoint-unserved': { message: 'An endpoint of the manifest has no route.', exit: 3, http: 409 },
  'code-endpoint-reserved': { message: 'A route is one that every service has.', exit: 3, http: 409 },
  'code-endpoint-undeclared': { message: 'A route is not listed in the manifest.', exit: 3, http: 409 },
  'code-binary-file': { message: 'A file is not text.', exit: 3, http: 409 },
  'code-file-collision': {
    message: 'A file of the tool stands where the export generates one.',
    exit: 3,
    http: 409,
  },
  'output-edited': { message: 'The output of an earlier export was edited by hand.', exit: 3, http: 409 },

  // running
  'plan-stale': { message: 'The facts have changed since the plan was made.', exit: 4, http: 409 },
  'step-failed': { message: 'A step of the export failed.', exit: 4, http: 500 },
  'verification-failed': { message: 'The copied data is not equal to its source.', exit: 4, http: 500 },
  'health-failed': { message: 'The service is not healthy.', exit: 4, http: 500 },
  'lock-lost': { message: 'The lock was lost while working.', exit: 4, http: 500 },
  cancelled: { message: 'The export was cancelled.', exit: 130, http: 409 },
  'rollback-incomplete': { message: 'The rollback left something behind.', exit: 5, http: 500 },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** What to say about one part of a failed request: a JSON pointer into the body, and the problem there. */
export interface ErrorDetail {
  readonly pointer: string;
  readonly message: string;
}

/** The one error class that crosses module borders. The message says what, where and what to do next. */
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
}
