import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface RunningProcess {
  readonly pid: number;
  /** Program and arguments, separated by blanks. */
  readonly command: string;
}

// Bare Linux machines lack `ps`
const hasProc = process.platform === 'linux';

/** Every process that this user may see; on Linux without zombies. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  if (!hasProc)
    return (await ps('-axo', 'pid=,command=')).split('\n').flatMap((line) => {
      const [, pid, command] = /^\s*(\d+)\s+(.+)$/.exec(line) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), command }];
    });
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => ({ pid: Number(pid), command: argumentsIn(proc(Number(pid), 'cmdline')) ?? '' }))
    .filter(({ command }) => command !== '');
}

/** Program and arguments of a process; empty for a zombie of Linux, `null` when it has ended or cannot be read. */
export async function commandOf(pid: number): Promise<string | null> {
  if (!hasProc) return (await ps('-ww', '-o', 'command=', '-p', String(pid))).trim() || null;
  return argumentsIn(proc(pid, 'cmdline'));
}

const argumentsIn = (cmdline: string | null): string | null => cmdline?.replaceAll('\0', ' ').trim() ?? null;

/** `NaN` when the process has ended. */
export async function parentOf(pid: number): Promise<number> {
  if (!hasProc) return Number((await ps('-o', 'ppid=', '-p', String(pid))) || NaN);
  const stat = proc(pid, 'stat') ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? NaN); // the name in () may hold blanks
}

/** Synchronous: the kernel answers from memory, and the asynchronous calls of a whole list take ten times as long. */
function proc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

/** Empty when no process matches. */
async function ps(...args: readonly string[]): Promise<string> {
  const run = promisify(execFile)('ps', [...args], { maxBuffer: 16 * 1024 * 1024 });
  return (await run.catch(() => ({ stdout: '' }))).stdout;
}
