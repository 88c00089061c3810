import { chmod, cp, mkdir, readFile, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { carriedFile, programOf } from '../../../templating/roots.ts';
import { bytesOf, contentOf, contentOfStored, isNamedOnly, storedFile } from '../../core/file-content.ts';
import { EXECUTABLE, KEPT_CONTENTS, type FilesPort } from '../../core/ports.ts';
import { listFiles, listIgnored } from './list-files.ts';
import { moveTree } from './move-tree.ts';
import { checksumOf, copyStored } from './stored-files.ts';

/** Files below `root` and below `stateFolder`, which may lie elsewhere. Trees are staged there before the rename. */
export function createFilesPort(root: string, stateFolder: string): FilesPort {
  const scratch = path.join(stateFolder, 'tmp');
  const inside = (relative: string): string => {
    const absolute = path.resolve(root, relative);
    if (![root, stateFolder].some((folder) => isBelow(folder, absolute)))
      throw new RangeError(`path ${JSON.stringify(relative)} leaves the repository ${root}`);
    return absolute;
  };
  const write: WriteContent = async (target, content, options) => {
    const stored = storedFile(content);
    if (stored === null) {
      await writeFileAtomic(target, bytesOf(content), options);
      return;
    }
    const kept = path.join(stateFolder, KEPT_CONTENTS, stored.sha256);
    const draft = `${target}.${randomUUID()}`;
    await copyStored(stored, [inside(stored.path), kept], draft);
    await chmod(draft, options.mode ?? 0o644);
    await rename(draft, target);
  };
  return {
    async exists(file) {
      return (await stat(inside(file)).catch(absent)) !== null;
    },
    readProgram: (name) => readFile(programOf(root, name), 'utf8'),
    async readText(file) {
      inside(file);
      const target = path.resolve(carriedFile(root, file));
      const found = await stat(target).catch(absent);
      if (found?.isFile() && isNamedOnly(file, found.size)) {
        const sha256 = await checksumOf(target);
        return sha256 === null ? null : contentOfStored({ path: file, sha256, size: found.size });
      }
      const bytes = await readFile(target).catch(absent);
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
      await write(target, text, options);
    },
    async remove(file) {
      await rm(inside(file), { force: true });
    },
    async writeTree(folder, tree) {
      const target = inside(folder);
      const staging = path.join(scratch, randomUUID());
      try {
        await writeAll(staging, tree, write);
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

type WriteContent = (
  target: string,
  content: string,
  options: { mode?: number; fsync?: boolean },
) => Promise<void>;

async function writeAll(
  folder: string,
  { files, executable = [] }: Parameters<FilesPort['writeTree']>[1],
  write: WriteContent,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    const target = path.resolve(folder, file);
    if (path.relative(folder, target).startsWith('..'))
      throw new RangeError(`path ${file} leaves its folder`);
    await mkdir(path.dirname(target), { recursive: true });
    await write(target, text, {
      fsync: false,
      ...(executable.includes(file) ? { mode: EXECUTABLE } : {}),
    });
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
