import { cp, mkdir, readFile, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { bytesOf, contentOf } from '../../core/file-content.ts';
import type { FilesPort } from '../../core/ports.ts';
import { listFiles, listIgnored } from './list-files.ts';
import { moveTree } from './move-tree.ts';

/** Files below `root` and below `stateFolder`, which may lie elsewhere. Trees are staged there before the rename. */
export function createFilesPort(root: string, stateFolder: string): FilesPort {
  const scratch = path.join(stateFolder, 'tmp');
  const inside = (relative: string): string => {
    const absolute = path.resolve(root, relative);
    if (![root, stateFolder].some((folder) => isBelow(folder, absolute)))
      throw new RangeError(`path ${JSON.stringify(relative)} leaves the repository ${root}`);
    return absolute;
  };
  return {
    async exists(file) {
      return (await stat(inside(file)).catch(absent)) !== null;
    },
    async readText(file) {
      const bytes = await readFile(inside(file)).catch(absent);
      return bytes === null ? null : contentOf(bytes);
    },
    async list(folder) {
      const below = path.relative(root, inside(folder)).split(path.sep).join('/');
      return (await listFiles(root, [below])).map((file) => path.posix.relative(below, file));
    },
    ignored: () => listIgnored(root),
    async copy(from, to) {
      await cp(inside(from), inside(to), { recursive: true, verbatimSymlinks: true });
    },
    async writeText(file, text, options = {}) {
      const target = inside(file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFileAtomic(target, bytesOf(text), options.mode === undefined ? {} : { mode: options.mode });
    },
    async remove(file) {
      await rm(inside(file), { force: true });
    },
    async writeTree(folder, files) {
      const target = inside(folder);
      const staging = path.join(scratch, randomUUID());
      try {
        await writeAll(staging, files);
        await moveTree(staging, target);
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
    },
    async removeTree(folder) {
      const target = inside(folder);
      await rm(target, { recursive: true, force: true, maxRetries: 3 });
      // git tracks no empty folders: `apps/` is created with its first app and removed with its last
      await removeWhenEmpty(path.dirname(target), root);
    },
  };
}

function isBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    const target = path.resolve(folder, file);
    if (path.relative(folder, target).startsWith('..'))
      throw new RangeError(`path ${file} leaves its folder`);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFileAtomic(target, bytesOf(text), { fsync: false });
  }
}

async function removeWhenEmpty(folder: string, root: string): Promise<void> {
  if (path.resolve(folder) === path.resolve(root)) return;
  const entries = await readdir(folder).catch(absent);
  if (entries?.length !== 0) return;
  await rmdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error; // a mount point, which the export did not create
  });
}

/** Returns `null` for a missing file; rethrows every other error. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
