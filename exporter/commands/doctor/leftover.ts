import type pg from 'pg';
import type { ToolId } from '../../../contracts/ids.ts';
import type { Settings } from '../../../contracts/settings.ts';

/** Something of an export that no export accounts for. */
export interface Leftover {
  readonly what: string;
  /** Shell command that removes it by hand; `''` when only its owner can tell what to do. */
  readonly command: string;
  /** The same, done from here. `null` where nobody but its owner should. */
  readonly clear: (() => Promise<void>) | null;
}

export interface LeftoverPlace {
  readonly root: string;
  readonly settings: Settings;
  /** Connected to the platform's database. */
  readonly client: pg.Client;
  /**
   * Tools that are in the monolith, that have been exported from here, and whose jobs have nothing to take back. Whatever
   * carries their export's names is left over.
   */
  readonly settled: readonly ToolId[];
}
