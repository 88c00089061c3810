import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { PlatformError } from '../../../contracts/errors.ts';
import type { IsolationPort, ProcessPort } from '../../core/ports.ts';
import { moveTree } from '../files/move-tree.ts';
import { isolatedPrefix } from './isolated-prefix.ts';
import { linkTree } from './link-tree.ts';
import { readLock } from './lock-file.ts';
import { openPackageStore } from './package-store.ts';

/** Empty folders for apps, in the system's folder for temporary files. Installed packages are kept in `store`. */
export function createIsolationPort(options: {
  readonly root: string;
  readonly jobId: string;
  readonly store: string;
  /** Folder on the repository's file system, where trees are staged before the rename. */
  readonly scratch: string;
  readonly processes: Pick<ProcessPort, 'run' | 'node'>;
}): IsolationPort {
  const { root, jobId, scratch, processes } = options;
  const prefix = isolatedPrefix(root, jobId);
  const inFolder = <T>(work: (folder: string) => Promise<T>): Promise<T> => inEmptyFolder(prefix, work);
  const store = openPackageStore({ folder: options.store, processes, inEmptyFolder: inFolder });
  return {
    clear: () => removeFolders(prefix),
    async install(folder) {
      const app = path.join(root, folder);
      const { packages, how } = await store.packagesOf(app);
      const { packages: locked } = await readLock(app);
      const staging = path.join(scratch, randomUUID());
      try {
        await linkTree(packages, staging, (below) => locked[`node_modules/${below}`]?.dev !== true);
        await moveTree(staging, path.join(app, 'node_modules'));
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
      return how;
    },
    async within(folder, work) {
      const app = path.join(root, folder);
      const { packages } = await store.packagesOf(app);
      return inFolder(async (empty) => {
        const copy = path.join(empty, path.basename(folder));
        await cp(app, copy, {
          recursive: true,
          verbatimSymlinks: true,
          filter: (source) => source !== path.join(app, 'node_modules'),
        });
        await linkTree(packages, path.join(copy, 'node_modules'));
        return work(copy);
      });
    },
  };
}

/** @throws PlatformError `step-failed` when packages lie above the folder for temporary files. */
async function inEmptyFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  await removeFolders(prefix); // of an attempt that was killed
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  try {
    for (let above = path.dirname(folder); above !== path.dirname(above); above = path.dirname(above))
      if (existsSync(path.join(above, 'node_modules')))
        throw new PlatformError(
          'step-failed',
          `The service must be tested where no other packages can be found, but ${above}/node_modules exists above the ` +
            'folder for temporary files. Remove it, or set TMPDIR to another folder.',
        );
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function removeFolders(prefix: string): Promise<void> {
  for (const name of await readdir(tmpdir()))
    if (name.startsWith(prefix))
      await rm(path.join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 });
}
