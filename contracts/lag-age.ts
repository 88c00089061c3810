/** A position in the write-ahead log, and when it was reached, in milliseconds. */
export interface Mark {
  readonly at: number;
  readonly position: number;
}

/** How far the log is written, and how far a follower has applied it, in bytes. */
export interface LogPositions {
  readonly written: number;
  readonly applied: number;
}

const MOST_MARKS = 200;

/** Adds the positions of the moment `at` to the marks that the follower has not reached, oldest first. */
export function addMark(
  marks: readonly Mark[],
  { written, applied }: LogPositions,
  at: number,
): readonly Mark[] {
  const open = marks.filter(({ position }) => position > applied);
  if (written > Math.max(applied, open.at(-1)?.position ?? 0)) open.push({ at, position: written });
  // after a long outage the oldest mark counts, and the others only need to be dense enough
  return open.length <= MOST_MARKS ? open : open.filter((_, i) => i % 2 === 0);
}

/** Seconds since the oldest write that the follower lacks: at least, because earlier writes have no mark. */
export const ageOf = ([oldest]: readonly Mark[], at: number): number =>
  oldest === undefined ? 0 : (at - oldest.at) / 1000;
