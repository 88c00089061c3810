import type { CommandReport } from '../../contracts/job.ts';

/** A report of a command that went well, unless it says otherwise. */
export function done(parts: Partial<CommandReport> = {}): CommandReport {
  return { ok: true, exitCode: 0, findings: [], changes: [], steps: [], ...parts };
}
