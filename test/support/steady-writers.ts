import { setTimeout as delay } from 'node:timers/promises';

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
