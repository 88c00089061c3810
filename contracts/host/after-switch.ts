import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import { HttpProblem } from '../http-problem.ts';

/**
 * Setting of a service's database: its export sets it to `on` when the service takes over from the monolith, and to `shadow`
 * when the tool has to answer before that, for a comparison.
 */
export const SWITCHED = 'generator_platform.switched';

const POLL_MS = 100;
/** Longest time in milliseconds that a request waits for the switch. */
const HOLD_MS = 10_000;

const IS_SWITCHED = `
  SELECT EXISTS (
    SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
     WHERE d.datname = current_database() AND s.setrole = 0 AND s.setconfig && $1) AS switched`;

/** Resolves when the tool is to run in the service. Asks its database until then. */
export async function untilSwitched(db: Pick<Pool, 'query'>): Promise<void> {
  while (!(await isSwitched(db))) await delay(POLL_MS);
}

async function isSwitched(db: Pick<Pool, 'query'>): Promise<boolean> {
  try {
    const { rows } = await db.query<{ switched: boolean }>(IS_SWITCHED, [
      [`${SWITCHED}=on`, `${SWITCHED}=shadow`],
    ]);
    return rows[0]?.switched === true;
  } catch {
    return false; // the database is away, and is asked again
  }
}

/**
 * Creates the tool's router when `switched` resolves: its timers then start when those of the monolith's copy end. A
 * request that arrives a moment earlier waits for it.
 */
export function afterSwitch(switched: Promise<void>, createRouter: () => RequestHandler): RequestHandler {
  const router = switched.then(createRouter);
  return async (request, response, next) => {
    const found = await Promise.race([router, delay(HOLD_MS, null, { ref: false })]);
    if (found !== null) {
      await found(request, response, next);
      return;
    }
    response.set('Retry-After', '2');
    throw new HttpProblem(503, 'starting', 'The service has not taken over from the monolith yet.');
  };
}
