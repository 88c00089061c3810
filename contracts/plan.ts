import type { ToolId } from './ids.ts';

/** JSON and nothing else: plans and journals must survive the process that made them. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const STEP_IDS = ['preflight', 'backend', 'frontend', 'database', 'infrastructure', 'health'] as const;
export type StepId = (typeof STEP_IDS)[number];

/**
 * One effect on the outside world, as a value. `before` is what undo restores (`null`: it did not exist),
 * `after` is what `run` makes true. `kind` names the operation that knows how to do both.
 */
export interface Change<K extends string = string, T = Json> {
  readonly step: StepId;
  readonly kind: K;
  /** What is changed, in the words of its user: a path, a database, a route. */
  readonly target: string;
  readonly before: T | null;
  readonly after: T;
}

export type Severity = 'error' | 'warning' | 'info';

/**
 * Something that a check found. An `error` refuses the export. `info` findings are the ticks of the console
 * (`✓ Docker running`) and the gates that were not run.
 */
export interface Finding {
  /** Stable, kebab-case; listed in `errors.ts` when it can be an error. */
  readonly code: string;
  readonly severity: Severity;
  readonly step: StepId;
  readonly message: string;
  /** Repository-relative, POSIX separators. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** SQL name of a database object, quoted where SQL needs it. */
  readonly object?: string;
  /** What to do next. Empty only for `info`. */
  readonly remedy: string;
}

export const RUNTIMES = ['docker', 'local'] as const;
export type Runtime = (typeof RUNTIMES)[number];

export const CUTOVERS = ['live', 'fenced'] as const;
export type Cutover = (typeof CUTOVERS)[number];

/**
 * What an export will do, frozen. `--dry-run` prints it, `run` executes it, and nothing else is ever executed.
 * `digest` is the SHA-256 of the canonical JSON of everything else; facts that have changed since give another one.
 */
export interface Plan {
  readonly toolId: ToolId;
  readonly runtime: Runtime;
  readonly cutover: Cutover;
  readonly commit: string;
  readonly changes: readonly Change[];
  readonly digest: string;
}
