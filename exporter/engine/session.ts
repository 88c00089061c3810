import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';
import { INFRASTRUCTURE_LOCK, lockHolder, tryLock, unlock } from '../../registry-api/store/export-lock.ts';

/**
 * The exporter's one direct connection to the registry's database. The tool's lock, the journal and the job's
 * state all go over it: a process that has lost it can write none of them.
 */
export interface Session {
  /** Runs one query after the other, in the order of the calls. */
  readonly client: Queryable;
  /** Aborts when the connection is lost. */
  readonly lost: AbortSignal;
  /** @throws PlatformError `locked`, saying who holds the lock and since when. */
  lock(toolId: string): Promise<void>;
  /** Waits for the one writer of the compose file and the gateway to finish, then runs `work` in its place. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const INFRASTRUCTURE_PATIENCE_MS = 120_000;

/** The identity of this process in messages to other processes: `export crm 4711@build-7`. */
export function describeOwner(): { readonly host: string; readonly pid: number; readonly user: string } {
  return { host: hostname(), pid: process.pid, user: userInfo().username };
}

export async function openSession(url: string, purpose: string): Promise<Session> {
  const { host, pid } = describeOwner();
  const client = new pg.Client({
    connectionString: url,
    application_name: `${purpose} ${pid}@${host}`.slice(0, 63),
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  const lost = new AbortController();
  client.on('error', (error) => {
    lost.abort(
      new PlatformError('lock-lost', `The connection that holds the lock was lost: ${error.message}`),
    );
  });
  try {
    await client.connect();
    // A killed owner's backend notices within seconds even in the middle of a query
    await client.query(`SET client_connection_check_interval = '2s'`);
  } catch (error) {
    throw new PlatformError(
      'database-unreachable',
      `The platform's database does not answer: ${(error as Error).message}. Start it with: npm start`,
      { cause: error },
    );
  }
  const inTurn = inOrder(client);
  return {
    client: inTurn,
    lost: lost.signal,
    async lock(toolId) {
      if (await tryLock(inTurn, toolId)) return;
      const holder = await lockHolder(inTurn, toolId);
      throw new PlatformError(
        'locked',
        `"${toolId}" is locked by ${holder ? `${holder.application} since ${holder.since}` : 'another export'}. ` +
          `Wait for it to end, or see it with: npx gulp status --tool-id=${toolId}`,
      );
    },
    async exclusively(work) {
      const deadline = performance.now() + INFRASTRUCTURE_PATIENCE_MS;
      while (!(await tryLock(inTurn, INFRASTRUCTURE_LOCK))) {
        if (performance.now() > deadline) {
          const holder = await lockHolder(inTurn, INFRASTRUCTURE_LOCK);
          throw new PlatformError(
            'locked',
            `The compose file and the gateway are being written by ${holder?.application ?? 'another export'}` +
              ` since ${holder?.since ?? 'an unknown time'}. Try again when it is done.`,
          );
        }
        await delay(100);
      }
      try {
        return await work();
      } finally {
        await unlock(inTurn, INFRASTRUCTURE_LOCK);
      }
    },
    async close() {
      await client.end().catch(() => undefined); // lost already
    },
  };
}

/** The journal, the job's lines and its progress share one connection, which runs one query at a time. */
function inOrder(client: pg.Client): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  const query = (text: string, values?: unknown[]): Promise<unknown> => {
    const result = last.then(() => client.query(text, values));
    last = result.catch(() => undefined); // its caller gets the error; the next query is independent
    return result;
  };
  return { query: query as Queryable['query'] };
}
