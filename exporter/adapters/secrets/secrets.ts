import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createFile } from '../../../registry-api/store/create-file.ts';
import type { SecretsPort } from '../../core/ports.ts';

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
      // of two concurrent calls one creates the file, and both read it
      await createFile(pathOf(name), `${randomBytes(24).toString('base64url')}\n`);
      return read(name);
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
  };
}
