import { expect } from 'chai';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { JournalEntry } from '../../contracts/job.ts';
import { operationOf } from '../support/operations.ts';
import { UNDO_PHASES } from '../../exporter/core/step.ts';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { JournalBreakpoint } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { orphanChecksOf, type OrphanChecks } from '../support/orphan-checks.ts';

const TOOL = '--tool-id=inventory-tracker';

/** One lab for all tests, which depend on their order. */
describe('orphans of an export', function () {
  this.timeout(600_000);
  let lab: Lab;
  let start: Fingerprint;
  let db: pg.Client;
  before(async () => {
    lab = await openLab();
    start = await takeFingerprint(lab);
    db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
  });
  after(async () => {
    await db.end();
    await lab.close();
  });

  const exportTool = async (): Promise<string> => {
    const { code, report } = await lab.gulpJson('export', TOOL, '--runtime=local');
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    return report.jobId ?? '';
  };
  const statusOf: OrphanChecks['statusOf'] = (jobId) => orphanChecksOf(lab, db).statusOf(jobId);
  const runCommand: OrphanChecks['runCommand'] = (command) => orphanChecksOf(lab, db).runCommand(command);
  const doctor: OrphanChecks['doctor'] = (...flags) => orphanChecksOf(lab, db).doctor(...flags);

  it('removes every change with the command that a failing undo prints', async () => {
    const jobId = await exportTool();
    const { rows: entries } = await db.query<JournalEntry>(
      'SELECT seq, state, change FROM export_journal WHERE job_id = $1 ORDER BY seq DESC',
      [jobId],
    );
    const commands = UNDO_PHASES.flatMap((phase) =>
      entries
        .map(({ change }) => ({ change, operation: operationOf(change) }))
        .filter(({ operation }) => operation.undoPhase === phase)
        .map(({ change, operation }) => operation.removeByHand?.(change) ?? ''),
    ).filter((command) => command !== '');
    expect(commands).to.have.length.greaterThan(8);
    for (const command of commands) await runCommand(command);
    await until(async () => (await takeFingerprint(lab)).processes.length === 0); // on SIGTERM the service finishes its requests first
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    expect(await statusOf(jobId), 'none of them does more than its own').to.equal('completed');
    expect((await lab.gulp('rollback', TOOL, '--silent')).code).to.equal(0);
    expect(await statusOf(jobId)).to.equal('rolled_back');
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    expect(await doctor()).to.deep.equal({ code: 0, left: [] });
  });

  it('finds the changes of a killed export with the doctor, and rolls them back with --fix', async () => {
    const killed = await killExport();
    const found = await doctor();
    expect(found.code).to.equal(5);
    expect(found.left.map((finding) => finding.remedy)).to.deep.equal([
      `npx gulp rollback --job-id=${killed} --bring-back`,
    ]);
    expect(await doctor('--fix')).to.deep.equal({ code: 0, left: [] });
    expect(await statusOf(killed)).to.equal('rolled_back');
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('stops an export that was paused while another process took its lock, before it writes', async () => {
    const breakpoint = await JournalBreakpoint.install(lab);
    const moment = { seq: 3, state: 'started' } as const;
    await breakpoint.stopAt([moment]);
    const owner = lab.spawnGulp('export', TOOL, '--runtime=local', '--silent');
    let output = '';
    owner.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    owner.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    const ended = new Promise<number | null>((resolve) => owner.once('close', resolve));
    await breakpoint.reached(owner);
    const rival = await lab.gulp('rollback', TOOL, '--silent');
    expect(rival.code, rival.stdout).to.equal(3);
    expect(rival.stdout).to.match(
      new RegExp(`locked by export inventory-tracker ${owner.pid}@${hostname()} since \\d{4}-\\d\\d-\\d\\dT`),
    );
    owner.kill('SIGSTOP');
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'export inventory-tracker %'`,
    );
    const back = await lab.gulp('rollback', TOOL, '--silent');
    expect(back.code, back.stdout).to.equal(0);
    await breakpoint.remove();
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    owner.kill('SIGCONT');
    expect(await ended, output).to.equal(5);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  /** Kills an export that has made changes. Its lock is free within seconds. */
  async function killExport(): Promise<string> {
    const child = lab.spawnGulp('export', TOOL, '--runtime=local', '--silent');
    const ended = new Promise((resolve) => child.once('close', resolve));
    const jobOf = async (): Promise<string | undefined> =>
      (
        await db.query<{ id: string }>(
          `SELECT id FROM export_jobs j WHERE status = 'in_progress' AND EXISTS (SELECT FROM export_journal e WHERE e.job_id = j.id AND e.state = 'done')`,
        )
      ).rows[0]?.id;
    await until(async () => (await jobOf()) !== undefined);
    const jobId = (await jobOf()) ?? '';
    child.kill('SIGKILL');
    await ended;
    await until(
      async () =>
        (
          await db.query(
            `SELECT FROM pg_stat_activity WHERE application_name LIKE 'export inventory-tracker %'`,
          )
        ).rowCount === 0,
    );
    return jobId;
  }
});

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await delay(50);
}
