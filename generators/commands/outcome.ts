import type { CommandReport } from '../../contracts/job.ts';

/** A successful report unless overridden. */
export function done(parts: Partial<CommandReport> = {}): CommandReport {
  return { ok: true, exitCode: 0, findings: [], changes: [], steps: [], ...parts };
}
