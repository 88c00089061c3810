import { copyFile, link, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes `to` a tree of hard links to the files of `from`, which costs no space; across file systems, of copies.
 * Symbolic links are kept as they are. `to` must not exist.
 *
 * @param takes whether a folder is taken, by its path below `from`; default: all
 */
export async function linkTree(
  from: string,
  to: string,
  takes: (folder: string) => boolean = () => true,
  below = '',
): Promise<void> {
  await mkdir(path.join(to, below), { recursive: true });
  for (const entry of await readdir(path.join(from, below), { withFileTypes: true })) {
    const inner = path.posix.join(below, entry.name);
    const [source, target] = [path.join(from, inner), path.join(to, inner)];
    if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!entry.isDirectory()) await linkFile(source, target);
    else if (takes(inner)) await linkTree(from, to, takes, inner);
  }
}

const NOT_LINKABLE = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP']);

async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NOT_LINKABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
  }
}
