import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SecretsPort } from '../../ports.ts';

/** Secrets as files of mode 0600 in `folder`. */
export function createSecretsPort(folder: string): SecretsPort {
  const pathOf = (name: string): string => {
    if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name))
      throw new RangeError(`secret ${JSON.stringify(name)}: not a plain name`);
    return path.join(folder, name);
  };
  const read = async (name: string): Promise<string> => (await readFile(pathOf(name), 'utf8')).trimEnd();
  return {
    pathOf,
    read,
    async ensure(name) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        // 'wx': of two that start at once, one writes and both read the same
        const file = await open(pathOf(name), 'wx', 0o600);
        await file.writeFile(`${randomBytes(24).toString('base64url')}\n`);
        await file.sync();
        await file.close();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      return read(name);
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
  };
}
