import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from './lab.ts';

/** A program in a pseudo terminal of its own, as a window on a desktop or a login over ssh has it. */
export interface Terminal {
  /** What the window has shown so far. */
  shown(): string;
  /** Types characters, such as `\u0003` for Ctrl-C, which reaches every process in the foreground. */
  type(text: string): void;
  /** Takes the window away: the kernel hangs up on the program, and whatever it writes from then on fails. */
  close(): Promise<void>;
  /** `null` while the window is there. */
  readonly exitCode: number | null;
  /** The program's exit code; 129 when the window was closed. */
  readonly ended: Promise<number>;
}

/**
 * `script` of util-linux, which every Linux has, holds the other end of the pseudo terminal: when it dies, the line
 * is cut. `exec`, so that the program is whom the kernel tells, as a login shell tells its own.
 */
export function openTerminal(lab: Lab, ...program: readonly string[]): Terminal {
  const window = spawn('script', ['-qefc', `exec ${program.join(' ')}`, '/dev/null'], {
    cwd: lab.root,
    env: { ...lab.env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let shown = '';
  window.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  window.stdin.on('error', () => undefined); // typed at a window that has just gone
  const ended = new Promise<number>((resolve, reject) => {
    window.once('error', reject);
    window.once('exit', (code) => resolve(code ?? 129));
  });
  return {
    get exitCode() {
      return window.signalCode === null ? window.exitCode : 129;
    },
    shown: () => shown,
    type: (text) => void window.stdin.write(text),
    async close() {
      window.kill('SIGKILL');
      await ended;
    },
    ended,
  };
}

/** Waits until a process that is not ours is gone. */
export async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(20);
  }
}
