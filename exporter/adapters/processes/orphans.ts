import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses } from './list-processes.ts';

const PATIENCE_MS = 5_000;

/**
 * An option for Node that does nothing but stand in the command line: builds and tests of a job are found by it when
 * whoever started them was killed.
 */
export const jobMark = (jobId: string): string => `--disable-warning=of-export-job-${jobId}`;

/**
 * Ends what a killed exporter of the job has left running, with all that it has started. A compiler would write into
 * folders that the rollback has deleted, and into those that a resumed export builds again.
 *
 * @returns how many there were
 */
export async function endOrphans(jobId: string): Promise<number> {
  const find = async (): Promise<readonly number[]> =>
    (await listProcesses()).filter((p) => p.command.includes(jobMark(jobId))).map((p) => p.pid);
  const found = await find();
  const deadline = performance.now() + PATIENCE_MS;
  for (let left = found; left.length > 0 && performance.now() < deadline; left = await find()) {
    for (const pid of left) endGroup(pid);
    await delay(20);
  }
  return found.length;
}

/** Each leads a group of its own. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already
  }
}
