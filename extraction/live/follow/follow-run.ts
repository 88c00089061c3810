import type { ExtractionPlan, FenceSpec, Fingerprint } from '../../api.ts';
import type { ExtractionRequest } from '../../plan/extraction.ts';
import { refuseStalePlan } from '../../run/extract-tables.ts';
import type { ReadExtraction } from '../../run/read-extraction.ts';
import { databaseOf } from '../../run/target.ts';
import { addressSeenBy } from './connection-of.ts';
import type { FollowNames } from './names.ts';
import { withPatience } from './patience.ts';
import type { Lag } from './until-switch.ts';

export interface FollowRun {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  /** The addresses at which each server reaches the other. */
  readonly sourceFromTarget: string;
  readonly targetFromSource: string;
  readonly names: FollowNames;
  readonly request: ExtractionRequest;
  readonly prepared: ReadExtraction;
  readonly plan: ExtractionPlan;
  readonly jobs: number;
  readonly reverse: boolean;
  /** Longest time in milliseconds that writes may wait in one attempt of the switch. */
  readonly maxPauseMs: number;
  /** Time in milliseconds after which the switch is not tried again. */
  readonly timeoutMs: number;
  /** Aborted when the switch is wanted. */
  readonly switchNow: AbortSignal;
  readonly onLag: (lag: Lag) => void;
  /** Called before each phase with `null`, and after it with its milliseconds. */
  readonly phase: (name: FollowPhase, ms: number | null) => void;
}

export type FollowPhase = 'copy' | 'follow' | 'switch' | 'verify';

export interface Followed {
  readonly pauseMs: number;
  readonly attempts: number;
  readonly copiedRows: number;
  /** Rows that the stream has inserted, updated and deleted; `null` where the server counts none. */
  readonly appliedChanges: number | null;
  readonly fingerprints: Readonly<Record<string, Fingerprint>>;
}

/** The connection string of the database that `url` reaches, for a server that reaches it at `seen`. */
export const addressFor = (seen: string, url: string): Promise<string> =>
  withPatience(url, (session) => Promise.resolve(addressSeenBy(seen, session)));

/** @throws PlatformError `plan-stale`, because changes of structure are not replicated */
export const refuseStale = (run: FollowRun): Promise<void> =>
  withPatience(run.sourceUrl, async (session) => {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await refuseStalePlan(run, session);
  });

/** The fence of the source, and of the target while it is decided whether the run is rolled back. */
export function fenceOf({ names, targetUrl, prepared }: FollowRun): FenceSpec {
  const at = new URL(targetUrl);
  const place = `${at.hostname || 'localhost'}:${at.port || '5432'}/${databaseOf(targetUrl)}`;
  return {
    toolId: names.out,
    toolName: names.out,
    takenOverBy: place,
    tables: prepared.fenced,
    refusal: {
      message: `This table has moved to ${place}, and takes no writes here`,
      hint: `Write to ${place}.`,
    },
  };
}
