import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createFile } from '../../../../registry-api/store/create-file.ts';

/** The password in `file` (0600), generated on first use. Concurrent processes get the same password. */
export async function ensurePassword(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await createFile(file, `${randomBytes(24).toString('base64url')}\n`);
  const password = (await readFile(file, 'utf8')).trim();
  if (password === '') throw new Error(`${file} is empty. Delete it; the platform generates a new one.`);
  return password;
}
