import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import { firstLines } from '../../core/first-lines.ts';
import type { ProcessPort } from '../../core/ports.ts';
import { evictOldest } from '../files/evict-oldest.ts';
import { moveTree } from '../files/move-tree.ts';
import { readLock } from './lock-file.ts';
import { npmProgram } from './npm-program.ts';

/** Files that decide what `npm ci` installs. */
const PACKAGE_FILES = ['package.json', 'package-lock.json', '.npmrc'];
/** Sets of packages that are kept; the least recently used are deleted first. */
const MOST_KEPT = 6;
/** An export that links from the store at this moment has used its entry within this time, in milliseconds. */
const IN_USE_MS = 10 * 60_000;
const LOG_LINES = 30;

export interface PackageStore {
  /** Absolute folder of everything that the app's lock file installs. */
  packagesOf(app: string): Promise<{ readonly packages: string; readonly how: 'installed' | 'kept' }>;
}

/** Results of `npm ci`, each under the checksum of its locked packages. */
export function openPackageStore(options: {
  readonly folder: string;
  readonly processes: Pick<ProcessPort, 'run' | 'node'>;
  readonly inEmptyFolder: (work: (folder: string) => Promise<void>) => Promise<void>;
}): PackageStore {
  const { folder, processes, inEmptyFolder } = options;
  return {
    async packagesOf(app) {
      const packages = path.join(folder, await checksumOf(app));
      if (existsSync(packages)) {
        await utimes(packages, new Date(), new Date()).catch(() => undefined); // best effort: on a read-only disk
        return { packages, how: 'kept' };
      }
      await inEmptyFolder((empty) => install(app, empty, packages, processes));
      await evictOldest(folder, { most: MOST_KEPT, unusedFor: IN_USE_MS });
      return { packages, how: 'installed' };
    },
  };
}

/** @throws PlatformError `step-failed` with the first lines that npm prints. */
async function install(
  app: string,
  empty: string,
  packages: string,
  processes: Pick<ProcessPort, 'run' | 'node'>,
): Promise<void> {
  for (const file of PACKAGE_FILES)
    if (existsSync(path.join(app, file))) await copyFile(path.join(app, file), path.join(empty, file));
  const [npm, ...own] = await npmProgram(processes.node);
  const args = [...own, 'ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const { exitCode, output } = await processes.run(npm, args, { cwd: empty });
  if (exitCode !== 0)
    throw new PlatformError(
      'step-failed',
      `npm ci failed in an empty folder (exit ${exitCode}), so the service could not be installed anywhere.\n` +
        `${firstLines(output, LOG_LINES)}\n` +
        "Check the connection to npm's registry, and that package-lock.json of the repository is committed and current (npm install), then export again.",
    );
  const staging = path.join(path.dirname(packages), `.${randomUUID()}`);
  try {
    await moveTree(path.join(empty, 'node_modules'), staging);
    await rename(staging, packages).catch((error: unknown) => {
      if (!existsSync(packages)) throw error; // else another export has installed the same packages in the meantime
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Name and version of the app itself do not count. */
async function checksumOf(app: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\0`);
  const packages = Object.entries((await readLock(app)).packages).map(([name, entry]) =>
    name === '' ? [name, { ...entry, name: undefined, version: undefined }] : [name, entry],
  );
  const npmrc = await readFile(path.join(app, '.npmrc'), 'utf8').catch(() => '');
  return hash.update(JSON.stringify(packages)).update(`\0${npmrc}`).digest('hex');
}
