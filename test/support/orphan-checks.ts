import { expect } from 'chai';
import type pg from 'pg';
import type { Lab, Report } from './lab.ts';

/** Commands for tests of orphans. `db` is a connection to the lab's database. */
export interface OrphanChecks {
  statusOf(jobId: string): Promise<string | undefined>;
  /** Runs a printed command as a user would, in a shell. */
  runCommand(command: string): Promise<void>;
  /** `gulp doctor`: its exit code, and what it says is left behind. */
  doctor(...flags: string[]): Promise<{ readonly code: number; readonly left: Report['findings'] }>;
}

export const orphanChecksOf = (lab: Lab, db: pg.Client): OrphanChecks => ({
  async statusOf(jobId) {
    const { rows } = await db.query<{ status: string }>('SELECT status FROM export_jobs WHERE id = $1', [
      jobId,
    ]);
    return rows[0]?.status;
  },
  async runCommand(command) {
    const { code, stdout, stderr } = await lab.run('sh', '-c', command);
    expect(code, `${command}\n${stdout}${stderr}`).to.equal(0);
  },
  async doctor(...flags) {
    const { code, report } = await lab.gulpJson('doctor', ...flags);
    return { code, left: report.findings.filter((finding) => finding.code === 'left-behind') };
  },
});
