import type { PartOfFacts } from '../../core/facts.ts';
import type { ExtractionPlan } from '../../../extraction/api.ts';

/** What the catalogs of the source say about the tool's tables, already turned into statements and copies. */
export interface DatabaseFacts extends PartOfFacts {
  /** Number of rows by table, as the manifest names it. */
  readonly rows: Readonly<Record<string, number>>;
  /** `null` when the tables could not be read; then `findings` holds the reason. A tool may also have no tables. */
  readonly extraction: ExtractionPlan | null;
  /** Of the source's database: the new one is made the same. */
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Every table whose writers are fenced, partitions included. */
  readonly fenced: readonly string[];
}
