import { lagOf, type ReturnReading, type ReturnTrend } from '../../contracts/return-stream.ts';

/** A position in the write-ahead log, and when it was reached, in milliseconds. */
interface Mark {
  readonly at: number;
  readonly position: number;
}

/** Findings of all readings of one stream until now. */
export interface ReturnPast {
  readonly trend: ReturnTrend;
  readonly reading: ReturnReading;
  /** Positions that the monolith has not reached, oldest first. */
  readonly marks: readonly Mark[];
}

const MOST_MARKS = 200;

/** Adds a reading of the moment `at` to those before it; `null`: it is the first. */
export function addReading(past: ReturnPast | null, reading: ReturnReading, at: number): ReturnPast {
  const marks = markWritten(past?.marks ?? [], reading, at);
  const lag = lagOf(reading);
  const [oldest] = marks;
  const stuck = past !== null && reading.applied === past.reading.applied && lag !== 0;
  return {
    reading,
    marks,
    trend: {
      lagSeconds: lag === null ? null : oldest === undefined ? 0 : (at - oldest.at) / 1000,
      failing: stuck && (past.trend.failing || reading.errors > past.reading.errors),
      absent: past !== null && !past.reading.running && !reading.running,
    },
  };
}

function markWritten(marks: readonly Mark[], { written, applied }: ReturnReading, at: number): Mark[] {
  if (written === null || applied === null) return [];
  const open = marks.filter(({ position }) => position > applied);
  if (written > Math.max(applied, open.at(-1)?.position ?? 0)) open.push({ at, position: written });
  // a stream that is broken for days: the oldest mark counts, and the others only need to be dense enough
  return open.length <= MOST_MARKS ? open : open.filter((_, i) => i % 2 === 0);
}
