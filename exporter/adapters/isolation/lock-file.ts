import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The part of an app's package-lock.json that decides what is installed. */
export interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

export const readLock = async (app: string): Promise<LockFile> =>
  JSON.parse(await readFile(path.join(app, 'package-lock.json'), 'utf8')) as LockFile;
