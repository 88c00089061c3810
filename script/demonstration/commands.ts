import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandResult {
  readonly code: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs commands in one folder, and shows their output at once. */
export interface Shell {
  run(command: string, ...args: string[]): Promise<CommandResult>;
  /** The same without showing anything. */
  quietly(command: string, ...args: string[]): Promise<CommandResult>;
}

export function createShell(
  cwd: string,
  env: NodeJS.ProcessEnv,
  show: (line: string) => void,
  signal: AbortSignal,
): Shell {
  const start = (visible: boolean, command: string, args: readonly string[]): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      const stop = (): void => void child.kill('SIGINT');
      signal.addEventListener('abort', stop, { once: true });
      const take = (line: string): void => {
        output += `${line}\n`;
        // gulp's own lines (time in brackets) repeat the ticks
        if (visible && line.trim() !== '' && !/^\[\d\d:\d\d:\d\d\]/.test(line)) show(line);
      };
      createInterface({ input: child.stdout }).on('line', take);
      createInterface({ input: child.stderr }).on('line', take);
      child.once('error', reject);
      child.once('close', (code) => {
        signal.removeEventListener('abort', stop);
        if (signal.aborted) reject(new Error('interrupted'));
        else resolve({ code: code ?? 1, output });
      });
    });
  return {
    run: (command, ...args) => start(true, command, args),
    quietly: (command, ...args) => start(false, command, args),
  };
}
