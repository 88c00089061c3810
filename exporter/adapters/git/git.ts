import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitState } from '../../core/ports.ts';

const exec = promisify(execFile);

/** Reads the commit and the uncommitted files of the repository at `root`, at one moment. Takes no lock of git. */
export async function readGitState(root: string): Promise<GitState> {
  // Without renames: a moved file is a change at its old path, too
  const flags = [
    '--porcelain=v2',
    '--branch',
    '--no-ahead-behind',
    '-z',
    '--untracked-files=all',
    '--no-renames',
  ];
  try {
    return parseStatus(await git(root, ['status', ...flags]));
  } catch {
    return NO_STATE;
  }
}

const NO_STATE: GitState = { commit: null, dirty: [] };

async function git(root: string, args: readonly string[]): Promise<string> {
  const { stdout } = await exec('git', ['--no-optional-locks', '-C', root, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Fields of an entry before its path, by the kind of the entry (manual of git-status, "Porcelain Format Version 2"). */
const FIELDS: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1 };

/** Entries end with NUL. */
function parseStatus(text: string): GitState {
  const commit = /^# branch\.oid ([0-9a-f]+)\0/.exec(text)?.[1];
  if (commit === undefined) return NO_STATE; // no commit yet
  const dirty = text.split('\0').flatMap((entry) => {
    const fields = FIELDS[entry.charAt(0)];
    return fields === undefined ? [] : [entry.split(' ').slice(fields).join(' ')];
  });
  return { commit, dirty };
}
