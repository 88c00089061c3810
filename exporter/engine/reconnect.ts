import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { startJob } from '../../registry-api/store/jobs.ts';
import { openJournal } from '../../registry-api/store/journal.ts';
import { toPlatformError } from '../core/failures.ts';
import { openDatabase } from './open-database.ts';
import { describeOwner, openSession, type Session } from './session.ts';
import type { Running } from './states.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;

/** Whether the connection that holds the lock answers. A query detects a loss before the socket reports it. */
export async function stillConnected(session: Session): Promise<boolean> {
  if (session.lost.aborted) return false;
  return session.client.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

export function connectionLost(session: Session): PlatformError {
  const reason: unknown = session.lost.reason;
  return reason instanceof PlatformError
    ? reason
    : new PlatformError('lock-lost', "The connection to the platform's database was lost.");
}

/**
 * Takes the tool's lock again, over a new connection, after PostgreSQL has restarted or has closed the old one. The
 * rollback may continue only if no other process has taken the job over: its status is still that of a job whose owner
 * works or has died.
 * @returns the run on its new connection, or `null` when it may not continue.
 */
export async function reconnect(run: Running): Promise<Running | null> {
  const { reporter, report, memory, jobId } = run;
  reporter.line("  Waiting for the platform's database to roll back...");
  await run.session.close();
  const opened = await openAgain(run);
  if (opened === null) return null;
  const { client } = opened.session;
  const { rows } = await client.query<{ status: string }>('SELECT status FROM export_jobs WHERE id = $1', [
    jobId,
  ]);
  const status = rows[0]?.status;
  if (status !== 'in_progress' && status !== 'interrupted') {
    report.log('error', `Job ${jobId} was taken over by another process and is now ${status ?? 'gone'}.`);
    await opened.session.close();
    return null;
  }
  await startJob(client, jobId, { owner: describeOwner(), plan: null, servicePort: null });
  report.attach(client, jobId);
  memory.attach(client, jobId);
  return { ...run, ...opened, journal: openJournal(client, jobId) };
}

async function openAgain(run: Running): Promise<Pick<Running, 'session' | 'databaseUrl'> | null> {
  const { toolId } = run.plan;
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const databaseUrl = await openDatabase(run, { migrate: false });
      const session = await openSession(databaseUrl, `export ${toolId}`);
      try {
        await session.lock(toolId);
        return { session, databaseUrl };
      } catch (error) {
        await session.close();
        throw error;
      }
    } catch (thrown) {
      const error = toPlatformError(thrown);
      if (error.code === 'locked' || performance.now() > deadline) {
        run.report.log('error', error.message);
        return null;
      }
      await delay(PAUSE_MS);
    }
  }
}
