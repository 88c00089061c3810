import type { Finding } from '../../../contracts/plan.ts';
import type { DatabaseLocale, ExtractionPlan } from '../../../extraction/api.ts';
import type { SharedFacts } from '../../core/facts.ts';

/**
 * The tool's tables as the source's catalog describes them, with the plan of their extraction, and the locale of the
 * source's database: the new one gets the same.
 */
export interface SourceTables extends DatabaseLocale {
  readonly findings: readonly Finding[];
  /** Number of rows by table, as the manifest names it. */
  readonly rows: Readonly<Record<string, number>>;
  /** `null` when the tables could not be read; then `findings` holds the reason. A tool may also have no tables. */
  readonly extraction: ExtractionPlan | null;
  /** Every table whose writers are fenced, partitions included. */
  readonly fenced: readonly string[];
}

export interface DatabaseFacts extends SharedFacts {
  readonly database: SourceTables;
}
