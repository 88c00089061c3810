import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Folders of build results, which are skipped where git's ignore rules are not available. */
const NOT_SOURCE = new Set(['node_modules', 'dist', 'coverage', '.git', '.angular']);

/**
 * Lists every file below `folders` that git tracks or would track, sorted; relative to the repository, with POSIX
 * separators. Omits ignored files, so that two exports of one commit see the same files. Without git: all files except
 * those in folders of build results.
 */
export async function listFiles(root: string, folders: readonly string[]): Promise<readonly string[]> {
  const files = (await listByGit(root, folders)) ?? (await listByWalking(root, folders));
  return [...new Set(files)].sort();
}

/** Files of the repository that git ignores and, with a slash at the end, folders in which it ignores everything. Nothing without git. */
export async function listIgnored(root: string): Promise<readonly string[]> {
  try {
    const flags = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
    if (!(await isTop(root))) return [];
    const { stdout } = await run('git', flags, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    const entries = stdout.split('\0').filter((file) => file !== '');
    // Git also names folders that hold nothing but the ignored files that it names
    return entries.filter((entry, i) => !entry.endsWith('/') || !entries[i + 1]?.startsWith(entry));
  } catch {
    return []; // git is not installed, or `root` is not in a repository
  }
}

/** Repositories that git knows: a process asks once, because each call of git costs it some milliseconds. */
const tops = new Map<string, boolean>();

/**
 * `false` when `root` is a subfolder of another repository.
 * @throws Error when git is not installed, or `root` is not in a repository
 */
async function isTop(root: string): Promise<boolean> {
  const known = tops.get(root);
  if (known !== undefined) return known;
  const { stdout } = await run('git', ['rev-parse', '--show-prefix'], { cwd: root });
  const top = stdout.trim() === '';
  tops.set(root, top);
  return top;
}

async function listByGit(root: string, folders: readonly string[]): Promise<string[] | null> {
  try {
    const flags = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
    if (!(await isTop(root))) return null;
    const [listed, deleted] = await Promise.all([
      run('git', [...flags, '--', ...folders], { cwd: root, maxBuffer: 64 * 1024 * 1024 }),
      run('git', ['ls-files', '-z', '--deleted', '--', ...folders], { cwd: root }),
    ]);
    const gone = new Set(deleted.stdout.split('\0'));
    return listed.stdout.split('\0').filter((file) => file !== '' && !gone.has(file));
  } catch {
    return null; // git is not installed, or `root` is not in a repository
  }
}

async function listByWalking(root: string, folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    for (const entry of entries) {
      const file = path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
      const hidden = file.split('/').some((part) => NOT_SOURCE.has(part) || part === '.DS_Store');
      if (entry.isFile() && !hidden) found.push(file);
    }
  }
  return found;
}
