import type { PartOfFacts } from '../../core/facts.ts';

/** What must hold before an export is thought about. */
export interface PreflightFacts extends PartOfFacts {
  /** Full id of the commit that is exported; `''` when there is none (which is an error among the findings). */
  readonly commit: string;
  /** Changed and untracked files that count: all of them, or with `--allow-dirty` those that the export touches. */
  readonly dirty: readonly string[];
  readonly portFree: boolean;
  /** Address of the running platform; `null` when it does not answer. */
  readonly platformUrl: string | null;
}
