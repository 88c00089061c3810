import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFile } from './create-file.ts';

const POLL_MS = 50;
const PATIENCE_MS = 120_000;

/**
 * Runs `work` while no other process of this machine runs work under the same file. The process id in the file
 * reveals a dead holder, which does not block.
 *
 * The lock saves duplicate work; it does not protect data. The guarded work (initdb into a new folder and a
 * rename; postmaster.pid of PostgreSQL) is safe even when two processes run it at once.
 *
 * @throws Error when a living holder keeps the lock longer than `patienceMs`, by default 2 minutes.
 */
export async function withLockFile<T>(
  file: string,
  work: () => Promise<T>,
  { patienceMs = PATIENCE_MS, signal }: { readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  const deadline = performance.now() + patienceMs;
  while (!(await createFile(file, token))) {
    const holder = await readFile(file, 'utf8').catch(() => null);
    if (holder !== null && isDead(holder)) await removeStale(file, token, holder);
    else if (performance.now() > deadline)
      throw new Error(
        `${file} is held by process ${holder ?? 'unknown'}. Stop that process, or remove the file.`,
      );
    else await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
  try {
    return await work();
  } finally {
    if ((await readFile(file, 'utf8').catch(() => null)) === token) await rm(file, { force: true });
  }
}

/**
 * Renames first, so that exactly one of several waiters removes the file of the dead holder. A late waiter may
 * rename the lock of the next holder, and then restores it.
 */
async function removeStale(file: string, token: string, holder: string): Promise<void> {
  const aside = `${file}.${token.split(' ')[1] ?? token}`;
  await rename(file, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => null);
  if (moved !== null && moved !== holder) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function isDead(holder: string): boolean {
  const pid = Number(holder.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && !isAlive(pid);
}

/** Whether a process with this id exists, of any owner. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
