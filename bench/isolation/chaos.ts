import { setTimeout as delay } from 'node:timers/promises';
import { pace } from '../registry/pace.ts';
import type { Measured } from '../registry/measure.ts';

/** A tool that harms itself in every way that a tool can, by path. */
export const CHAOS_TOOL = `
import { get } from 'node:http';
import { Router } from 'express';
export default ({ db }) => Router()
  .get('/rejected', (_req, res) => { void db.query('SELECT 1/0'); res.json(1); })
  .get('/thrown', (_req, res) => { setTimeout(() => { throw undefined; }); res.json(1); })
  .get('/unheard', (_req, res) => { get('http://127.0.0.1:1/'); res.json(1); })
  .get('/memory', (_req, res) => { globalThis.all = Array.from({ length: 100 }, () => Buffer.alloc(1e7, 1)); res.json(1); })
  .get('/clients', async (_req, res) => { for (let i = 0; i < 8; i += 1) void db.connect(); res.json(1); })
  .get('/timers', (_req, res) => { setInterval(() => undefined, 1); res.json(1); })
  .get('/loop', () => { for (;;); });`;

/** A tool that asks its database. */
export const QUIET_TOOL = `
import { Router } from 'express';
export default ({ db }) => Router().get('/one', async (_req, res) => void res.json((await db.query('SELECT 1')).rows));`;

const PATHS = ['rejected', 'thrown', 'unheard', 'memory', 'clients', 'timers', 'loop'];

export interface ChaosOptions {
  /** Base URL of the platform. */
  readonly base: string;
  /** Addresses that must not be affected. */
  readonly addresses: readonly string[];
  readonly seconds: number;
}

/** Latency of other addresses at 50 requests a second: alone, and beside a tool that fails all the time. */
export async function measureChaos(
  options: ChaosOptions,
): Promise<{ alone: Measured; beside: Measured; harm: number }> {
  const { base, addresses, seconds } = options;
  const load = { base, addresses, rate: 50 };
  await pace({ ...load, seconds: 2 }); // warms up
  const alone = await pace({ ...load, seconds: Math.min(seconds, 30) });
  let stopped = false;
  let harm = 0;
  const harming = (async () => {
    while (!(stopped as boolean)) {
      const path = PATHS[harm % PATHS.length] ?? '';
      harm += 1;
      await fetch(`${base}/api/tools/chaos/${path}`, { signal: AbortSignal.timeout(2_000) }).catch(
        () => null,
      );
      await delay(200);
    }
  })();
  const beside = await pace({ ...load, seconds });
  stopped = true;
  await harming;
  return { alone, beside, harm };
}
