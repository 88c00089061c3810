import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitState } from '../../core/ports.ts';

const exec = promisify(execFile);

/** Reads the commit and the uncommitted files of the repository at `root`. Takes no lock of git. */
export async function readGitState(root: string): Promise<GitState> {
  try {
    // Without renames: a moved file is a change at its old path, too
    const flags = ['--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'];
    const [head, status] = await Promise.all([
      git(root, ['rev-parse', 'HEAD']),
      git(root, ['status', ...flags]),
    ]);
    return { commit: head.trim(), dirty: parsePorcelain(status) };
  } catch {
    return { commit: null, dirty: [] };
  }
}

async function git(root: string, args: readonly string[]): Promise<string> {
  const { stdout } = await exec('git', ['--no-optional-locks', '-C', root, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Entries are `XY path`, NUL-terminated. */
function parsePorcelain(text: string): string[] {
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));
}
