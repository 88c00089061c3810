import autocannon from 'autocannon';

export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly failed: number;
}

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
}

/** Asks one address as often as the answers come; times are milliseconds. */
export async function measure({ url, seconds, connections }: Load): Promise<Measured> {
  const times: number[] = [];
  let failed = 0;
  // with a callback, autocannon gives the running test back, which tells of each answer
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon({ url, duration: seconds, connections }, (error: Error | null, done) => {
      if (error === null) resolve(done);
      else reject(error);
    });
    run.on('response', (_client, status, _bytes, ms) => {
      times.push(ms);
      if (status !== 200) failed += 1;
    });
  });
  return summary(times, result.duration, failed + result.errors + result.timeouts);
}

export function summary(times: readonly number[], seconds: number, failed: number): Measured {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { perSecond: times.length / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99), failed };
}
