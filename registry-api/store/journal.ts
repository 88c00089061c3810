import type { JournalEntry } from '../../contracts/job.ts';
import type { Change } from '../../contracts/plan.ts';
import type { Queryable } from './pool.ts';

/**
 * The write-ahead journal of one job. `session` is the connection that holds the tool lock: without the lock
 * there is no connection, and nothing can be written.
 */
export interface Journal {
  /** Call before the effect: after a crash, the rollback knows of it. */
  started(change: Change): Promise<number>;
  /** The same for a change that was undone, fully or partly, and is run again. */
  restarted(seq: number): Promise<void>;
  done(seq: number): Promise<void>;
  undoing(seq: number): Promise<void>;
  undone(seq: number): Promise<void>;
  /** Oldest first. */
  entries(): Promise<readonly JournalEntry[]>;
}

export function openJournal(session: Queryable, jobId: string): Journal {
  const set = async (seq: number, state: JournalEntry['state']): Promise<void> => {
    const { rowCount } = await session.query(
      `UPDATE export_journal SET state = $3,
              started_at = CASE $3 WHEN 'started' THEN clock_timestamp() ELSE started_at END,
              ended_at = CASE $3 WHEN 'done' THEN greatest(started_at, clock_timestamp()) WHEN 'started' THEN NULL ELSE ended_at END,
              undone_at = CASE $3 WHEN 'undone' THEN greatest(started_at, clock_timestamp()) WHEN 'started' THEN NULL ELSE undone_at END
        WHERE job_id = $1 AND seq = $2`,
      [jobId, seq, state],
    );
    if (rowCount !== 1) throw new Error(`journal of job ${jobId}: entry ${seq} is missing`);
  };
  return {
    async started(change) {
      const { rows } = await session.query<{ seq: number }>(
        `INSERT INTO export_journal (job_id, seq, change)
         SELECT $1, coalesce(max(seq), 0) + 1, $2::jsonb FROM export_journal WHERE job_id = $1 RETURNING seq`,
        [jobId, JSON.stringify(change)],
      );
      const seq = rows[0]?.seq;
      if (seq === undefined) throw new Error(`journal of job ${jobId}: no row was written`);
      return seq;
    },
    restarted: (seq) => set(seq, 'started'),
    done: (seq) => set(seq, 'done'),
    undoing: (seq) => set(seq, 'undoing'),
    undone: (seq) => set(seq, 'undone'),
    async entries() {
      const { rows } = await session.query<JournalEntry>(
        'SELECT seq, state, change FROM export_journal WHERE job_id = $1 ORDER BY seq',
        [jobId],
      );
      return rows;
    },
  };
}

/** Milliseconds from the start of a job's write fence to its route to the service; `null` without either. */
export async function readFencedMs(db: Queryable, jobId: string): Promise<number | null> {
  const { rows } = await db.query<{ ms: number | null }>(
    `SELECT round(extract(epoch FROM max(ended_at) FILTER (WHERE change->>'kind' = 'switch-route')
                                   - min(started_at) FILTER (WHERE change->>'kind' = 'fence-tables')) * 1000)::float8 AS ms
       FROM export_journal WHERE job_id = $1 AND state = 'done'`,
    [jobId],
  );
  return rows[0]?.ms ?? null;
}
