import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../contracts/errors.ts';
import { isMissingDatabase, messageOf, openSession, sqlStateOf, type Session } from '../../run/session.ts';

/** Long enough for the restart of a server, with the recovery of a small one. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

/** Whether a server restarts, or the way to it is cut: the same work can succeed a moment later. */
export function isConnectionLoss(error: unknown): boolean {
  if (isMissingDatabase(error)) return false;
  if (error instanceof PlatformError) return error.code === 'database-unreachable';
  const state = sqlStateOf(error);
  return (
    /^(08|57P0[1-3])/.test(state) ||
    ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT'].includes(state) ||
    /Connection terminated|Client has encountered a connection error/.test(messageOf(error))
  );
}

/** Repeats `work`, which is safe to repeat, while its server does not answer. */
export async function patiently<T>(work: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!isConnectionLoss(error) || performance.now() > until) throw error;
      await delay(RETRY_MS);
    }
}

/** Runs `work` on a connection of its own, opened again after a loss. */
export const withPatience = <T>(url: string, work: (session: Session) => Promise<T>): Promise<T> =>
  patiently(async () => {
    const session = await openSession({ url });
    try {
      return await work(session);
    } finally {
      await session.end().catch(() => undefined);
    }
  });

/** The same; `absent` when the database does not exist. */
export const withPatienceIfThere = async <T>(
  url: string,
  absent: T,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  try {
    return await withPatience(url, work);
  } catch (error) {
    if (isMissingDatabase(error)) return absent;
    throw error;
  }
};
