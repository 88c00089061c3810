import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import type { IsolationPort, ProcessPort } from '../../core/ports.ts';
import { firstLines } from '../../core/first-lines.ts';
import { isolatedPrefix } from './isolated-prefix.ts';
import { moveTree } from '../files/move-tree.ts';
import { linkTree } from './link-tree.ts';

/** Files that decide what `npm ci` installs. */
const PACKAGE_FILES = ['package.json', 'package-lock.json', '.npmrc'];
/** Sets of packages in the store; the least recently used are deleted first. */
const MOST_KEPT = 6;
/** An export that links from the store at this moment has used its entry within this time, in milliseconds. */
const IN_USE_MS = 10 * 60_000;
const LOG_LINES = 30;

/**
 * Empty folders for apps, in the system's folder for temporary files. What `npm ci` installs is kept in `store`, under
 * the checksum of the locked packages; `null`: nothing is kept.
 */
export function createIsolationPort(options: {
  readonly root: string;
  readonly store: string | null;
  /** Folder on the repository's file system, where trees are staged before the rename. */
  readonly scratch: string;
  readonly processes: Pick<ProcessPort, 'run'>;
}): IsolationPort {
  const { root, store, scratch, processes } = options;
  return {
    async install(folder) {
      const app = path.join(root, folder);
      const entry = store === null ? null : path.join(store, await checksumOf(app));
      const kept = entry !== null && existsSync(path.join(entry, '.package-lock.json'));
      if (kept) await utimes(entry, new Date(), new Date()).catch(() => undefined); // best effort: on a read-only disk
      const staging = path.join(scratch, randomUUID());
      try {
        if (kept) await linkTree(entry, staging);
        else await inEmptyFolder(root, (empty) => installIn(empty, app, staging, processes));
        // A full or read-only disk costs the entry and does not fail the export
        if (entry !== null && store !== null && !kept)
          await keepIn(entry, staging, scratch)
            .then(() => evictOldest(store))
            .catch(() => undefined);
        await moveTree(staging, path.join(app, 'node_modules'));
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
      return kept ? 'kept' : 'installed';
    },
    within: (folder, work) =>
      inEmptyFolder(root, async (empty) => {
        const app = path.join(root, folder);
        const copy = path.join(empty, path.basename(folder));
        await cp(app, copy, {
          recursive: true,
          verbatimSymlinks: true,
          filter: (source) => source !== path.join(app, 'node_modules'),
        });
        await linkTree(path.join(app, 'node_modules'), path.join(copy, 'node_modules'));
        return work(copy);
      }),
  };
}

/** @throws PlatformError `step-failed` with the first lines that npm prints. */
async function installIn(
  empty: string,
  app: string,
  target: string,
  processes: Pick<ProcessPort, 'run'>,
): Promise<void> {
  for (const file of PACKAGE_FILES)
    if (existsSync(path.join(app, file))) await copyFile(path.join(app, file), path.join(empty, file));
  const args = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const { exitCode, output } = await processes.run('npm', args, { cwd: empty });
  if (exitCode !== 0)
    throw new PlatformError(
      'step-failed',
      `npm ci failed in an empty folder (exit ${exitCode}), so the service could not be installed anywhere.\n` +
        `${firstLines(output, LOG_LINES)}\n` +
        "Check the connection to npm's registry, and that package-lock.json of the repository is committed and current (npm install), then export again.",
    );
  await moveTree(path.join(empty, 'node_modules'), target);
}

/** Name and version of the app itself do not count. */
async function checksumOf(app: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\0`);
  const lock = JSON.parse(await readFile(path.join(app, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, object>>;
  };
  const packages = Object.entries(lock.packages).map(([name, entry]) =>
    name === '' ? [name, { ...entry, name: undefined, version: undefined }] : [name, entry],
  );
  const npmrc = await readFile(path.join(app, '.npmrc'), 'utf8').catch(() => '');
  return hash.update(JSON.stringify(packages)).update(`\0${npmrc}`).digest('hex');
}

/** Another export may have kept the same packages in the meantime. */
async function keepIn(entry: string, from: string, scratch: string): Promise<void> {
  const staging = path.join(scratch, randomUUID());
  await mkdir(path.dirname(entry), { recursive: true });
  try {
    await linkTree(from, staging);
    await rename(staging, entry);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function evictOldest(store: string): Promise<void> {
  const entries = await Promise.all(
    (await readdir(store)).map(async (name) => {
      const at = path.join(store, name);
      return { at, used: (await stat(at)).mtimeMs };
    }),
  );
  const unused = entries.sort((a, b) => b.used - a.used).slice(MOST_KEPT);
  for (const { at } of unused.filter(({ used }) => Date.now() - used > IN_USE_MS))
    await rm(at, { recursive: true, force: true });
}

/** @throws PlatformError `step-failed` when packages lie above the folder for temporary files. */
async function inEmptyFolder<T>(root: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), isolatedPrefix(root)));
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
