import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type pg from 'pg';

/** What one writer has seen. */
export interface Written {
  /** Stock-keeping units whose creation was acknowledged. */
  readonly acknowledged: readonly string[];
  /** Answers other than 201, by status. */
  readonly others: Readonly<Record<string, number>>;
  /** Longest time in milliseconds between two acknowledged writes. */
  readonly longestPauseMs: number;
}

export interface SteadyWriter {
  /** Acknowledged writes up to now; throws when it has ended. */
  count(): number;
  stop(): Promise<Written>;
}

/** Four writers then make about 300 writes a second, and leave the machine to the export. */
const PAUSE_MS = 10;

/** Creates items one after the other, each again after 50 ms while it is answered with 503. Ends at any other answer. */
export function startWriter(itemsUrl: string, name: string): SteadyWriter {
  const stopped = new AbortController();
  const acknowledged: string[] = [];
  const others: Record<string, number> = {};
  let longestPauseMs = 0;
  const done = (async () => {
    let last = performance.now();
    for (let n = 1; !stopped.signal.aborted;) {
      const sku = `${name}-${n}`;
      const response = await fetch(itemsUrl, {
        method: 'POST',
        // a gateway that reloads closes idle connections, also under a request that has just been sent
        headers: { 'Content-Type': 'application/json', Connection: 'close' },
        body: JSON.stringify({ sku, name: sku }),
      });
      await response.arrayBuffer();
      if (response.status === 201) {
        acknowledged.push(sku);
        longestPauseMs = Math.max(longestPauseMs, performance.now() - last);
        last = performance.now();
        n += 1;
        await delay(PAUSE_MS);
        continue;
      }
      others[response.status] = (others[response.status] ?? 0) + 1;
      if (response.status !== 503) throw new Error(`${sku} was answered with ${response.status}`);
      await delay(50);
    }
  })();
  let failure: Error | null = null;
  done.catch((error: unknown) => (failure = error as Error));
  return {
    count() {
      if (failure !== null) throw failure;
      return acknowledged.length;
    },
    async stop() {
      stopped.abort();
      await done;
      return { acknowledged, others, longestPauseMs };
    },
  };
}

/** Every acknowledged write is there once. What was not acknowledged is the one request of each writer that was cut off. */
export async function expectEachOnce(client: pg.Client, written: readonly Written[]): Promise<void> {
  const skus = written.flatMap(({ acknowledged }) => acknowledged);
  const { rows } = await client.query<{ sku: string; n: number }>(
    'SELECT sku, count(*)::int AS n FROM inventory_items WHERE sku = ANY ($1) GROUP BY sku',
    [skus],
  );
  expect(rows.filter(({ n }) => n !== 1)).to.deep.equal([]);
  expect(rows.length).to.equal(skus.length);
}

/** Slots, subscriptions, publications, fences and holds of requests in the platform's database. */
export async function leftBehind(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT slot_name::text AS name FROM pg_replication_slots UNION ALL SELECT subname FROM pg_subscription
     UNION ALL SELECT pubname FROM pg_publication UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'platform_fence'
     UNION ALL SELECT tool_id FROM tool_holds`,
  );
  return rows.map(({ name }) => name);
}
