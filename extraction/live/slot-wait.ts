import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import type { WorkOptions } from '../api.ts';
import { openSession, rowsOf } from '../run/session.ts';
import { describeWriter, type Writer } from '../run/writers.ts';

const POLL_MS = 1_000;

/** Transactions of the whole server that have written: a new slot waits for their end. */
const OPEN = `
SELECT backend_xid::text AS transaction, pid, state, left(query, 200) AS query
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND backend_type <> 'walsender'
UNION ALL SELECT transaction::text, NULL, NULL, gid FROM pg_prepared_xacts`;

/**
 * Runs `create`, which waits for transactions of the server of `url`, and names these while it takes longer than a second.
 *
 * @throws PlatformError `switch-timeout` with these transactions, after `timeoutMs`; without it, it waits on
 */
export async function whileSlotBegins<T>(
  { url, timeoutMs = Infinity }: { readonly url: string; readonly timeoutMs?: number | undefined },
  { signal, report }: WorkOptions,
  create: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const late = new AbortController();
  const until = performance.now() + timeoutMs;
  async function watch(): Promise<void> {
    await delay(Math.min(POLL_MS, timeoutMs), undefined, { signal: over.signal });
    const session = await openSession({ url });
    try {
      for (;;) {
        const names = (await rowsOf<Writer>(session, OPEN)).map(describeWriter).join('; ');
        if (performance.now() >= until) late.abort(tooLate(names));
        else if (names !== '' && !over.signal.aborted)
          report.progress({
            phase: 'waiting',
            target: `the end of ${names}`,
            done: 0,
            total: 0,
            unit: 'changes',
          });
        await delay(POLL_MS, undefined, { signal: over.signal });
      }
    } finally {
      await session.end();
    }
  }
  const watching = watch().catch(() => undefined);
  try {
    return await create(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    throw late.signal.aborted ? (late.signal.reason as Error) : error;
  } finally {
    over.abort();
    await watching;
  }
}

const tooLate = (names: string): PlatformError =>
  new PlatformError(
    'switch-timeout',
    `A replication slot could not begin in time, because transactions did not end: ${names}. End them or allow a longer --cutover-timeout, then run the command again.`,
  );
