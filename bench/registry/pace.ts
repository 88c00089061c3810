import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { summary, type Measured } from './measure.ts';

export interface Pace {
  readonly base: string;
  /** Taken in turn. */
  readonly addresses: readonly string[];
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
}

/**
 * Sends requests at fixed moments, however long earlier ones take, and counts each from the moment at which it was
 * due. This shows a server that falls behind; a client that waits for answers would slow down with it.
 */
export async function pace({ base, addresses, seconds, rate }: Pace): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const times: number[] = [];
  let failed = 0;
  const started = performance.now();
  const pending: Promise<void>[] = [];
  for (let i = 0; i < seconds * rate; i += 1) {
    const due = started + (i * 1_000) / rate;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    const url = `${base}${addresses[i % addresses.length] ?? ''}`;
    pending.push(
      get(url, agent).then((status) => {
        times.push(performance.now() - due);
        if (status !== 200) failed += 1;
      }),
    );
  }
  await Promise.all(pending);
  agent.destroy();
  return summary(times, (performance.now() - started) / 1_000, failed);
}

function get(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    request(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', () => resolve(0))
      .end();
  });
}
