import { openSession, rowsOf, type Session } from './session.ts';

/** Application name of the sessions that write rows to a target; only the run that locked the target has such. */
export const WRITER = 'gulp extract writer';

export interface Worker {
  readonly source: Session;
  readonly target: Session;
}

export interface Workers {
  readonly all: readonly Worker[];
  /** Ends all sessions and waits until the target's backends have exited and released their locks. */
  close(): Promise<void>;
}

// Any user can set these. The bulk load commits asynchronously; the last commit of the run is synchronous.
const LOADING = `
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
SET work_mem = '64MB'`;

/** Settings of sessions that write to the target. */
export async function prepareTarget(session: Session): Promise<void> {
  await session.query(LOADING);
}

/** Opens pairs of connections. Every source session reads the same `snapshot`; so do the target's with a `targetSnapshot`. */
export async function openWorkers(options: {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  readonly jobs: number;
  readonly snapshot: string;
  readonly targetSnapshot?: string;
}): Promise<Workers> {
  const all: Worker[] = [];
  const opened: Session[] = [];
  const pids: string[] = [];
  try {
    for (let n = 0; n < options.jobs; n++) {
      const source = await openSession({ url: options.sourceUrl });
      opened.push(source);
      await readSnapshot(source, options.snapshot);
      const target = await openSession({ url: options.targetUrl, applicationName: WRITER });
      opened.push(target);
      await prepareTarget(target);
      const [row] = await rowsOf<{ pid: number }>(target, 'SELECT pg_backend_pid() AS pid');
      pids.push(String(row?.pid ?? 0));
      if (options.targetSnapshot !== undefined) await readSnapshot(target, options.targetSnapshot);
      all.push({ source, target });
    }
  } catch (error) {
    await Promise.all(opened.map((session) => session.end().catch(() => undefined)));
    throw error;
  }
  return {
    all,
    async close() {
      await endAll(opened);
      const session = await openSession({ url: options.targetUrl });
      try {
        await waitForBackends(session, pids);
      } finally {
        await session.end();
      }
    },
  };
}

async function readSnapshot(session: Session, snapshot: string): Promise<void> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await session.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
}

/** `end` waits for the running statement; a session in the middle of a COPY is disconnected instead. */
async function endAll(sessions: readonly Session[]): Promise<void> {
  await Promise.all(
    sessions.map(async (session) => {
      const cut = setTimeout(() => {
        const { connection } = session as unknown as { connection: { stream: { destroy(): void } } };
        connection.stream.destroy();
      }, 1000);
      await session.end().catch(() => undefined);
      clearTimeout(cut);
    }),
  );
}

async function waitForBackends(session: Session, pids: readonly string[]): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const left = await rowsOf(
      session,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY ($1::int[]) AND application_name = $2`,
      [pids.filter((pid) => pid !== '0'), WRITER],
    );
    if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
