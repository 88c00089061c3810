import { copyFile, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';

/** Largest log file in bytes, and number of older ones that are kept. */
const LARGEST_BYTES = 10 * 1024 * 1024;
const KEPT = 5;

/**
 * Keeps the log files of a folder small: `x.log` of more than 10 MiB is copied to `x.log.1` and emptied; five older ones are
 * kept. The writers keep their file open, and all of them append. Lines that are written during the copy may be lost.
 */
export async function rotateLogs(folder: string, largestBytes = LARGEST_BYTES): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    if (!name.endsWith('.log') || (await sizeOf(file)) <= largestBytes) continue;
    await rm(`${file}.${KEPT}`, { force: true });
    for (let age = KEPT - 1; age >= 1; age -= 1)
      await rename(`${file}.${age}`, `${file}.${age + 1}`).catch(() => undefined); // there are not so many yet
    await copyFile(file, `${file}.1`);
    await truncate(file);
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
