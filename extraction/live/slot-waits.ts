import { setTimeout as delay } from 'node:timers/promises';
import type { ProgressPort } from '../api.ts';
import { openSession, rowsOf } from '../run/session.ts';
import { describeWriter, type Writer } from '../run/writers.ts';

const FIRST_MS = 1_000;
const POLL_MS = 1_000;

/** Transactions of the whole server that have written: a new slot waits for their end. */
const OPEN = `
SELECT backend_xid::text AS transaction, pid, state, left(query, 200) AS query
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
UNION ALL SELECT transaction::text, NULL, NULL, gid FROM pg_prepared_xacts`;

/** Runs `work`, which waits for transactions of the server, and names these while it takes longer than a second. */
export async function namingTransactions<T>(
  url: string,
  report: ProgressPort,
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const watching = watch(url, report, done.signal).catch(() => undefined);
  try {
    return await work();
  } finally {
    done.abort();
    await watching;
  }
}

async function watch(url: string, report: ProgressPort, done: AbortSignal): Promise<void> {
  await delay(FIRST_MS, undefined, { signal: done });
  const session = await openSession({ url });
  try {
    for (;;) {
      const open = await rowsOf<Writer>(session, OPEN);
      const target = `the end of ${open.map(describeWriter).join('; ')}`;
      if (open.length > 0 && !done.aborted)
        report.progress({ phase: 'waiting', target, done: 0, total: 0, unit: 'changes' });
      await delay(POLL_MS, undefined, { signal: done });
    }
  } finally {
    await session.end();
  }
}
