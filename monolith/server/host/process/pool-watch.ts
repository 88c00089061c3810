import type pg from 'pg';

/** Longer than a statement may take (`POOL_TIMEOUTS`). */
const STUCK_MS = 45_000;

/** Notices that a tool holds every connection of its pool and releases none while requests wait for one. */
export function watchPool(db: pg.Pool): { stuck(): string | null } {
  let lastMove = performance.now();
  let waitedAt = 0;
  const move = (): void => {
    lastMove = performance.now();
  };
  db.on('acquire', move);
  db.on('release', move);
  return {
    stuck() {
      const now = performance.now();
      if (db.waitingCount > 0 && db.idleCount === 0) waitedAt = now;
      if (waitedAt <= lastMove || now - lastMove < STUCK_MS) return null;
      return (
        `It has held all ${db.totalCount} connections to its database for ${STUCK_MS / 1000} seconds. ` +
        'Release each client of db.connect() in a finally block.'
      );
    },
  };
}
