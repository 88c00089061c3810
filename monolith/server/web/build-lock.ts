import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 250;
const GIVE_UP_MS = 5 * 60_000;

/**
 * One build of the dashboard at a time in one working tree: they share the generated list of tools and the
 * compiler's cache. A lock whose owner has died is taken over.
 */
export async function withBuildLock<T>(root: string, work: () => Promise<T>): Promise<T> {
  const file = join(root, 'monolith', 'web', '.angular', 'build.lock');
  await mkdir(dirname(file), { recursive: true });
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await take(file))) {
    if (performance.now() > deadline)
      throw new Error(`${file}: another build has held the lock for five minutes`);
    await wait(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  if (owner > 0 && !isAlive(owner)) await rm(file, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
