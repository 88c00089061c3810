import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface RunningProcess {
  readonly pid: number;
  /** Program and arguments, separated by blanks. */
  readonly command: string;
}

/** Every process we may see. From /proc where there is one (bare machines lack `ps`), else from `ps`. Zombies are left out. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  if (process.platform !== 'linux') return fromPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(fromProc));
  return found.filter((p) => p !== null);
}

async function fromProc(pid: string): Promise<RunningProcess | null> {
  // A process may end while we look at it; a zombie's command line is empty.
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text === '' ? null : { pid: Number(pid), command: text.split('\0').join(' ').trim() };
}

async function fromPs(): Promise<readonly RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,command='], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match?.[1] && match[2] ? [{ pid: Number(match[1]), command: match[2] }] : [];
  });
}
