import { setTimeout as delay } from 'node:timers/promises';
import { judgeReturn, lagOf, type ReturnReading, type ReturnStream } from '../../contracts/return-stream.ts';
import type { Queryable } from './pool.ts';
import { addReading, type ReturnPast } from './return-trend.ts';

/** How the monolith's tables follow the services of tools that were exported live. */
export interface ReturnStreams {
  /** Callers at the same time share a reading. Fails when the database gives none within three seconds. */
  read(): Promise<readonly ReturnStream[]>;
}

const LONGEST_MS = 3_000;
/** Time in milliseconds for which a reading is kept: every open page asks. */
const KEPT_MS = 2_000;
/** Between the first reading of a stream that does not seem to run, and the reading that tells. */
const AGAIN_MS = 1_000;

// The journal tells which tools have a way back: a slot or a subscription that is gone tells nothing. A completed export has none
const READINGS = `
SELECT s."toolId", s.name, s.database, sub.oid IS NOT NULL AS subscribed, coalesce(sub.subenabled, false) AS enabled,
  coalesce(worker.running, false) AS running,
  CASE WHEN s.elsewhere THEN 'elsewhere' ELSE coalesce(slot.wal_status, CASE WHEN slot.slot_name IS NULL THEN 'missing' ELSE 'lost' END) END AS slot,
  (CASE WHEN s.elsewhere THEN worker.received ELSE pg_current_wal_flush_lsn() END - '0/0')::float8 AS written,
  (CASE WHEN s.elsewhere THEN worker.confirmed ELSE slot.confirmed_flush_lsn END - '0/0')::float8 AS applied,
  coalesce(stats.apply_error_count, 0)::float8 AS errors
FROM (
  SELECT DISTINCT ON (t.tool_id) t.tool_id AS "toolId", e.change #>> '{after,back,name}' AS name,
    e.change #>> '{after,back,from,database}' AS database, e.change #>> '{after,back,from,server,kind}' <> 'source' AS elsewhere
  FROM tool_registry t JOIN export_jobs j USING (tool_id) JOIN export_journal e ON e.job_id = j.id
  WHERE t.is_exported AND e.change ->> 'kind' = 'follow-back' AND e.state = 'done'
    AND j.result #>> '{completion,finalizedAt}' IS NULL
  ORDER BY t.tool_id, j.ordinal DESC
) s
LEFT JOIN pg_subscription sub ON sub.subname = s.name AND sub.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
LEFT JOIN pg_stat_subscription_stats stats ON stats.subid = sub.oid
LEFT JOIN LATERAL (
  SELECT bool_or(pid IS NOT NULL) AS running, max(received_lsn) AS received, max(latest_end_lsn) AS confirmed
  FROM pg_stat_subscription WHERE subid = sub.oid AND relid IS NULL
) worker ON true
LEFT JOIN pg_replication_slots slot ON slot.slot_name = s.name
ORDER BY s."toolId"`;

const QUERY = { text: READINGS, query_timeout: LONGEST_MS };

/** Asks nothing of PostgreSQL until it is read. Remembers readings: the age of a lag follows from them. */
export function createReturnStreams(database: Queryable): ReturnStreams {
  let past = new Map<string, ReturnPast>();
  let asked: { readonly at: number; readonly answer: Promise<readonly ReturnStream[]> } | null = null;
  const readOnce = async (): Promise<readonly ReturnPast[]> => {
    const { rows } = await database.query<ReturnReading>(QUERY);
    const now = performance.now();
    past = new Map(rows.map((row) => [row.toolId, addReading(past.get(row.toolId) ?? null, row, now)]));
    return [...past.values()];
  };
  const judge = async (): Promise<readonly ReturnStream[]> => {
    const known = new Set(past.keys());
    let found = await readOnce();
    if (found.some(({ reading }) => !known.has(reading.toolId) && isSuspicious(reading))) {
      await delay(AGAIN_MS);
      found = await readOnce();
    }
    return found.map(({ reading, trend }) => judgeReturn(reading, trend));
  };
  return {
    read() {
      const now = performance.now();
      if (asked === null || now - asked.at > KEPT_MS) asked = { at: now, answer: judge() };
      return asked.answer;
    },
  };
}

const isSuspicious = (reading: ReturnReading): boolean =>
  !reading.running || (reading.errors > 0 && lagOf(reading) !== 0);
