import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../contracts/errors.ts';
import type { WorkOptions } from '../../api.ts';
import { describeWriter, type Writer } from '../../run/writers.ts';
import { openSession, rowsOf } from '../../run/session.ts';

/** A slot begins when all transactions that write have ended, those of other databases included. */
const WAITED_FOR = `
SELECT backend_xid::text AS transaction, pid, state, left(query, 200) AS query
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND backend_type <> 'walsender'
UNION ALL SELECT quote_literal(gid), NULL, NULL, NULL FROM pg_prepared_xacts`;

const BEGUN = `EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn IS NOT NULL)`;

const FIRST_REPORT_MS = 2_000;
const REPORT_MS = 10_000;

/**
 * Runs `work`, which begins with the creation of a slot. Names the transactions that hold it up, and gives up after
 * `timeoutMs`.
 *
 * @throws PlatformError `switch-timeout` with these transactions
 */
export async function whileSlotBegins<T>(
  spec: { readonly url: string; readonly slot: string; readonly timeoutMs: number },
  { signal, report }: WorkOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const over = new AbortController();
  const until = performance.now() + spec.timeoutMs;
  const watch = async (): Promise<void> => {
    for (let wait = Math.min(FIRST_REPORT_MS, spec.timeoutMs); ; wait = Math.min(REPORT_MS, spec.timeoutMs)) {
      await delay(wait, undefined, { signal: over.signal });
      const waitedFor = await readWaitedFor(spec.url, spec.slot);
      if (waitedFor === null) return;
      const names = waitedFor.map(describeWriter).join('; ');
      if (performance.now() >= until)
        giveUp.abort(
          new PlatformError(
            'switch-timeout',
            `The replication slot ${spec.slot} could not begin in time, because transactions did not end: ${names}. End them or allow a longer --cutover-timeout, then run the command again.`,
          ),
        );
      else if (names !== '')
        report.log(
          'warning',
          `The replication slot ${spec.slot} begins when these transactions have ended: ${names}`,
        );
    }
  };
  const watching = watch().catch(() => undefined);
  try {
    return await work(AbortSignal.any([signal, giveUp.signal]));
  } catch (error) {
    throw giveUp.signal.aborted ? (giveUp.signal.reason as Error) : error;
  } finally {
    over.abort();
    await watching;
  }
}

/** `null` once the slot has begun. */
async function readWaitedFor(url: string, slot: string): Promise<readonly Writer[] | null> {
  const session = await openSession({ url });
  try {
    const [row] = await rowsOf<{ begun: boolean }>(session, `SELECT ${BEGUN} AS begun`, [slot]);
    return row?.begun === true ? null : await rowsOf<Writer>(session, WAITED_FOR);
  } finally {
    await session.end();
  }
}
