import type { WorkOptions } from '../api.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { openSession, type Session } from './session.ts';
import { openSnapshot } from './snapshot.ts';
import { openWorkers, type Worker } from './workers.ts';

/** More do not help on two cores. */
export const JOBS = 2;

/** An extraction plan, and the two databases that it is executed between. */
export interface Work extends WorkOptions {
  readonly plan: ExtractionPlan;
  readonly sourceUrl: string;
  readonly targetUrl: string;
  /** Pairs of connections; missing: as many as help on two cores. */
  readonly jobs?: number;
}

/**
 * Runs on workers that read one snapshot of the source.
 *
 * @param exported the snapshot of another session; `null`: that of this moment
 */
export async function withWorkers<T>(
  work: Work,
  exported: string | null,
  run: (source: Session, target: Session, workers: readonly Worker[]) => Promise<T>,
): Promise<T> {
  const snapshot = await openSnapshot(work.sourceUrl, work.plan, exported);
  try {
    const workers = await openWorkers({ ...work, jobs: work.jobs ?? JOBS, snapshot: snapshot.id });
    try {
      const target = await openSession({ url: work.targetUrl });
      try {
        return await run(snapshot.session, target, workers.all);
      } finally {
        await target.end().catch(() => undefined);
      }
    } finally {
      await workers.close();
    }
  } finally {
    await snapshot.close();
  }
}
