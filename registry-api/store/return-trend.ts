import { addMark, ageOf, type Mark } from '../../contracts/lag-age.ts';
import { lagOf, type ReturnReading, type ReturnTrend } from '../../contracts/return-stream.ts';

/** Findings of all readings of one stream until now. */
export interface ReturnPast {
  readonly trend: ReturnTrend;
  readonly reading: ReturnReading;
  /** Positions that the monolith has not reached, oldest first. */
  readonly marks: readonly Mark[];
}

/** Adds a reading of the moment `at` to those before it; `null`: it is the first. */
export function addReading(past: ReturnPast | null, reading: ReturnReading, at: number): ReturnPast {
  const { written, applied } = reading;
  const known = written !== null && applied !== null;
  const marks = known ? addMark(past?.marks ?? [], { written, applied }, at) : [];
  const stuck = past !== null && applied === past.reading.applied && lagOf(reading) !== 0;
  return {
    reading,
    marks,
    trend: {
      lagSeconds: known ? ageOf(marks, at) : null,
      failing: stuck && (past.trend.failing || reading.errors > past.reading.errors),
      absent: past !== null && !past.reading.running && !reading.running,
    },
  };
}
