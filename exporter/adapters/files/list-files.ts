import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Folders that hold results and not sources, wherever git is not there to say so. */
const NOT_SOURCE = new Set(['node_modules', 'dist', 'coverage', '.git', '.angular']);

/**
 * Every file below `folders` that git tracks or would track, sorted; repository-relative with POSIX separators.
 * Ignored files are left out, so that two exports of one commit see the same files. Outside git: all files
 * but hidden ones and results of builds.
 */
export async function listFiles(root: string, folders: readonly string[]): Promise<readonly string[]> {
  const files = (await listByGit(root, folders)) ?? (await listByWalking(root, folders));
  return [...new Set(files)].sort();
}

async function listByGit(root: string, folders: readonly string[]): Promise<string[] | null> {
  try {
    const top = await run('git', ['rev-parse', '--show-prefix'], { cwd: root });
    if (top.stdout.trim() !== '') return null; // a folder inside somebody else's repository
    const flags = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
    const listed = await run('git', [...flags, '--', ...folders], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    const deleted = await run('git', ['ls-files', '-z', '--deleted', '--', ...folders], { cwd: root });
    const gone = new Set(deleted.stdout.split('\0'));
    return listed.stdout.split('\0').filter((file) => file !== '' && !gone.has(file));
  } catch {
    return null; // no git, or no repository
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
