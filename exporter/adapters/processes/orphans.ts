import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses } from '../../../registry-api/processes.ts';
import { signalProcess } from './signal-process.ts';

const PATIENCE_MS = 5_000;

/**
 * An option for Node that does nothing but stand in the command line: builds and tests of a job are found by it when
 * whoever started them was killed.
 */
export const jobMark = (jobId: string): string => `--disable-warning=of-export-job-${jobId}`;

/**
 * Ends what a killed exporter of the job has left running, with all that it has started. A compiler would write into
 * folders that the rollback has deleted, and into those that a resumed export builds again.
 */
export async function endOrphans(jobId: string): Promise<void> {
  const find = async (): Promise<readonly number[]> =>
    (await listProcesses()).filter((p) => p.command.includes(jobMark(jobId))).map((p) => p.pid);
  const deadline = performance.now() + PATIENCE_MS;
  for (let left = await find(); left.length > 0 && performance.now() < deadline; left = await find()) {
    // Each that we start leads a group; what it forks itself has the mark as well, and leads none
    for (const pid of left) if (!signalProcess(-pid, 'SIGKILL')) signalProcess(pid, 'SIGKILL');
    await delay(20);
  }
}
