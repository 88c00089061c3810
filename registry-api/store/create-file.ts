import { randomUUID } from 'node:crypto';
import { access, link, open, rm } from 'node:fs/promises';

/**
 * Creates a file that must not exist, readable by its owner only. The file appears with its full text, and a
 * killed process leaves none.
 *
 * @returns whether this call created the file; `false` when it already exists.
 */
export async function createFile(file: string, text: string): Promise<boolean> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) return false;
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
