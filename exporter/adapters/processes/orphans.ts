import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses } from '../../../registry-api/processes.ts';
import { signalProcess } from './signal-process.ts';

const PATIENCE_MS = 5_000;

/**
 * A Node option without effect that marks the command line: builds and tests of a job are found by it after the
 * exporter that started them was killed.
 */
export const jobMark = (jobId: string): string => `--disable-warning=of-export-job-${jobId}`;

/**
 * Kills the builds and tests of a killed exporter, with their child processes. A compiler would write into folders that
 * the rollback has deleted, or that a resumed export builds again.
 */
export async function endOrphans(jobId: string): Promise<void> {
  const find = async (): Promise<readonly number[]> =>
    (await listProcesses()).filter((p) => p.command.includes(jobMark(jobId))).map((p) => p.pid);
  const deadline = performance.now() + PATIENCE_MS;
  for (let left = await find(); left.length > 0 && performance.now() < deadline; left = await find()) {
    // Each process started here leads a group; its own forks carry the mark too, and lead none
    for (const pid of left) if (!signalProcess(-pid, 'SIGKILL')) signalProcess(pid, 'SIGKILL');
    await delay(20);
  }
}
