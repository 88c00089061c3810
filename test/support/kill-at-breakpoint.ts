import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

export interface BreakpointStop {
  /** Class of the advisory lock that the breakpoint holds. */
  readonly breakpoint: number;
  /** For the message when the process ends before it comes there. */
  readonly moment: string;
  /** Of the statement that waits at the breakpoint. */
  readonly statement?: RegExp;
  readonly start: () => ChildProcess;
  /** `false`: PostgreSQL must notice the dead client by itself. */
  readonly endSessions: boolean;
}

const SESSIONS = `application_name ~ '^(export |rollback |gulp rollback)'`;

/** Starts an export or a rollback, kills it when it waits at the breakpoint, and comes back when none of its sessions is left. */
export async function killAtBreakpoint(client: pg.Client, stop: BreakpointStop): Promise<void> {
  const child = stop.start();
  let output = '';
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  while (!(await waits(client, stop))) {
    if (child.exitCode !== null) throw new Error(`ended before "${stop.moment}":\n${output}`);
    await delay(20);
  }
  child.kill('SIGKILL');
  await ended;
  for (;;) {
    const { rowCount } = await client.query(
      `SELECT ${stop.endSessions ? 'pg_terminate_backend(pid)' : ''} FROM pg_stat_activity WHERE ${SESSIONS}`,
    );
    if (rowCount === 0) return;
    await delay(20);
  }
}

async function waits(client: pg.Client, { breakpoint, statement }: BreakpointStop): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND classid = $1 AND NOT granted AND query ~ $2`,
    [breakpoint, statement?.source ?? ''],
  );
  return rowCount === 1;
}
