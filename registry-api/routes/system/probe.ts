import type { Pool } from 'pg';
import type { Operation, ReadOperation, Reply } from '../../http/operation.ts';

interface Probe {
  readonly id: string;
  readonly path: string;
  readonly summary: string;
  readonly handle: ReadOperation['handle'];
}

/** An operation that answers 200 or 503, for monitoring. */
export const probe = (probed: Probe): Operation => ({
  ...probed,
  kind: 'read',
  method: 'get',
  tag: 'System',
  access: 'open',
  responses: {
    200: { description: 'Yes.', schema: 'Health' },
    503: { description: 'No.', schema: 'Health' },
  },
});

export const probeReply = (good: boolean, body: unknown): Reply => ({
  status: good ? 200 : 503,
  headers: { 'Cache-Control': 'no-store', ...(good ? {} : { 'Retry-After': '2' }) },
  body,
});

export const databaseAnswers = (pool: Pool): Promise<boolean> => succeeds(pool.query('SELECT 1'));

export async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}
