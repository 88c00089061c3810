import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { startJob } from '../../registry-api/store/jobs.ts';
import { openJournal } from '../../registry-api/store/journal.ts';
import { toPlatformError } from '../core/failures.ts';
import { openDatabase } from './open-database.ts';
import { must, type Run } from './run.ts';
import { describeOwner, openSession, type Session } from './session.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;

/** Whether the connection that holds the lock is there. A query tells at once what the socket may tell later. */
export async function stillConnected(session: Session): Promise<boolean> {
  if (session.lost.aborted) return false;
  return session.client.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

export function connectionLost(session: Session | null): PlatformError {
  const reason: unknown = session?.lost.reason;
  return reason instanceof PlatformError
    ? reason
    : new PlatformError('lock-lost', "The connection to the platform's database was lost.");
}

/**
 * Takes the tool's lock again, over a new connection, after PostgreSQL has been restarted or has ended ours. The job
 * may be gone on with only if nobody else has been at it: it still says that it is at work, or that its owner died.
 * @returns whether the run may go on with its rollback.
 */
export async function reconnect(run: Run, toolId: string): Promise<boolean> {
  run.reporter.line("  Waiting for the platform's database, to take back what was done...");
  await run.session?.close();
  const session = await openAgain(run, toolId);
  if (session === null) return false;
  const jobId = must(run.jobId, 'the job');
  const { rows } = await session.client.query<{ status: string }>(
    'SELECT status FROM export_jobs WHERE id = $1',
    [jobId],
  );
  const status = rows[0]?.status;
  if (status !== 'in_progress' && status !== 'interrupted') {
    run.report.log(
      'error',
      `Job ${jobId} is ${status ?? 'gone'}: somebody else has gone on with it meanwhile.`,
    );
    await session.close();
    return false;
  }
  await startJob(session.client, jobId, { owner: describeOwner(), plan: null, servicePort: null });
  run.session = session;
  run.journal = openJournal(session.client, jobId);
  run.report.attach(session.client, jobId);
  return true;
}

async function openAgain(run: Run, toolId: string): Promise<Session | null> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      run.databaseUrl = await openDatabase(run, { migrate: false });
      const session = await openSession(run.databaseUrl, `export ${toolId}`);
      try {
        await session.lock(toolId);
        return session;
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
