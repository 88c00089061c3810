import type { ToolId } from './ids.ts';

/** Plain JSON, because plans and journals outlive their process. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const STEP_IDS = ['preflight', 'backend', 'frontend', 'database', 'infrastructure', 'health'] as const;
export type StepId = (typeof STEP_IDS)[number];

/** Names of the steps on the console, in the dashboard and in the registry's jobs. */
export const STEP_TITLES: Readonly<Record<StepId, string>> = {
  preflight: 'Pre-flight Validation',
  backend: 'Generate Backend Service',
  frontend: 'Generate Frontend App',
  database: 'Migrate Database',
  infrastructure: 'Update Infrastructure',
  health: 'Run Health Checks',
};

/**
 * One effect as a value. `undo` restores `before` (`null`: did not exist), `run` establishes `after`. `kind`
 * names the operation with both.
 */
export interface Change<K extends string = string, T = Json> {
  readonly step: StepId;
  readonly kind: K;
  /** The changed resource in terms of the user: a path, a database, a route. */
  readonly target: string;
  readonly before: T | null;
  readonly after: T;
}

export type Severity = 'error' | 'warning' | 'info';

/**
 * A result of a check. An `error` refuses the export. `info` findings are the ticks of the console (`✓ Docker
 * running`) and the gates that were not run.
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
  /** SQL name of a database object, quoted if necessary. */
  readonly object?: string;
  /** What to do next. Empty only for `info`. */
  readonly remedy: string;
}

export const RUNTIMES = ['docker', 'local'] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** Every form and help text offers these, and no other. */
export const CUTOVERS = ['fenced', 'live'] as const;
export type Cutover = (typeof CUTOVERS)[number];

/**
 * The frozen plan of an export: `--dry-run` prints it, and `run` executes exactly it. `digest` is the SHA-256 of
 * the canonical JSON of all other fields, so it changes with the facts.
 */
export interface Plan {
  readonly toolId: ToolId;
  readonly runtime: Runtime;
  readonly cutover: Cutover;
  readonly commit: string;
  readonly changes: readonly Change[];
  readonly digest: string;
}
