import { randomUUID } from 'node:crypto';
import { access, link, open, rm } from 'node:fs/promises';

/**
 * Makes a file that must not be there yet, its owner's alone. It appears with all of its text: whoever finds it can
 * read it, and a process killed on the way leaves none.
 *
 * @returns whether it was us who made it; `false` when there is one already.
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
