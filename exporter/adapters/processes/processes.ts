import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessPort, RunResult } from '../../core/ports.ts';
import { listProcesses } from '../../../registry-api/processes.ts';
import { jobMark } from './orphans.ts';
import { signalProcess } from './signal-process.ts';

/** Characters that are kept of the beginning and of the end of a program's output: the first errors, and how it ended. */
const OUTPUT_LIMIT = 32 * 1024;

/**
 * Child processes with `root` as the base of their folders. Runs are killed when `signal` aborts; their command lines
 * carry the mark of their job.
 */
export function createProcessPort(
  root: string,
  signal: AbortSignal,
  jobId: string | null = null,
): ProcessPort {
  const marked = (command: string, args: readonly string[]): readonly string[] =>
    jobId !== null && command === process.execPath ? [jobMark(jobId), ...args] : args;
  const findMatching = async (marker: string): Promise<readonly number[]> =>
    (await listProcesses())
      .filter((p) => p.pid !== process.pid && p.command.includes(marker))
      .map((p) => p.pid);
  return {
    node: process.execPath,
    findMatching,
    run: (command, args, options) =>
      run(command, marked(command, args), path.resolve(root, options.cwd), options.env ?? {}, signal),
    async startDetached(spec) {
      const log = path.resolve(root, spec.logFile);
      await mkdir(path.dirname(log), { recursive: true });
      const output = openSync(log, 'a', 0o600);
      try {
        const child = spawn(process.execPath, [...spec.args], {
          cwd: path.resolve(root, spec.cwd),
          env: {
            PATH: process.env['PATH'],
            HOME: process.env['HOME'],
            TZ: process.env['TZ'],
            ...Object.fromEntries(spec.passEnv.map((name) => [name, process.env[name]])),
            ...spec.env,
          },
          detached: true,
          stdio: ['ignore', output, output],
        });
        await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
        child.unref();
        if (child.pid === undefined) throw new Error(`${spec.args.join(' ')} did not start`);
        return child.pid;
      } finally {
        closeSync(output);
      }
    },
    async endMatching(marker, graceMs) {
      const pids = await findMatching(marker);
      for (const pid of pids) signalProcess(pid, 'SIGTERM');
      const deadline = performance.now() + graceMs;
      while ((await findMatching(marker)).length > 0 && performance.now() < deadline) await delay(50);
      for (const pid of await findMatching(marker)) signalProcess(pid, 'SIGKILL');
      while ((await findMatching(marker)).length > 0 && performance.now() < deadline + 5_000) await delay(50);
      return pids.length;
    },
  };
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    let head = '';
    let tail = '';
    let cut = false;
    const keep = (chunk: string): void => {
      const more = OUTPUT_LIMIT - head.length;
      head += chunk.slice(0, more);
      tail += chunk.slice(more);
      cut ||= tail.length > OUTPUT_LIMIT;
      tail = tail.slice(-OUTPUT_LIMIT);
    };
    // A group of its own, so that a cancelled build takes its workers along
    const child = spawn(command, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const stop = (): void => {
      if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ exitCode: code ?? 1, output: head + (cut ? '\n...\n' : '') + tail });
    });
  });
}
