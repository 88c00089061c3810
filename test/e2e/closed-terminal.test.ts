import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { holdBefore } from '../support/hold-export.ts';
import { dieAgain, dieAtFirstChange } from '../support/interrupted-job.ts';
import { JournalBreakpoint } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { openTerminal, untilGone } from '../support/terminal.ts';

const TOOL = 'inventory-tracker';
const EXPORT = `gulp export --tool-id=${TOOL} --runtime=local --resume`;
const ROLLBACK = `gulp rollback --tool-id=${TOOL}`;

/** Real terminals and pipes whose other ends are closed. The tests depend on their order. */
describe('commands whose output is no longer read', function () {
  this.timeout(600_000);
  let lab: Lab;
  let db: pg.Client;
  let start: Fingerprint;
  before(async () => {
    lab = await openLab();
    start = await takeFingerprint(lab);
    db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    await dieAtFirstChange(lab, TOOL);
  });
  after(async () => {
    await db.end();
    await lab.close();
  });

  interface Job {
    readonly id: string;
    readonly status: string;
    readonly pid: number;
    readonly error: { readonly message: string } | null;
  }
  const job = async (): Promise<Job> => {
    const { rows } = await db.query<Job>(
      `SELECT id, status, (owner->>'pid')::int AS pid, error FROM export_jobs ORDER BY ordinal DESC LIMIT 1`,
    );
    return rows[0]!;
  };
  /** Position in the journal of the first change of this kind. */
  const seqOf = async (kind: string): Promise<number> => {
    const { rows } = await db.query<{ seq: number }>(
      `SELECT n::int AS seq FROM export_jobs, jsonb_array_elements(plan->'changes') WITH ORDINALITY AS c (change, n) WHERE change->>'kind' = $1`,
      [kind],
    );
    return rows[0]!.seq;
  };
  async function expectRolledBack(): Promise<void> {
    await untilGone((await job()).pid);
    expect(await job()).to.include({ status: 'rolled_back' });
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  }

  it('rolls back an export whose terminal is closed, though its output is lost', async () => {
    const hold = await holdBefore(lab, 'copy-tables');
    const terminal = openTerminal(lab, EXPORT);
    await hold.reached(terminal.ended);
    expect(terminal.shown(), 'a terminal').to.contain('Build successful').and.to.contain('\r\n');
    await terminal.close();
    await hold.release();
    await expectRolledBack();
    expect((await job()).error?.message).to.equal('Interrupted by a closed terminal');
  });

  it('rolls back on Ctrl-C at npx, and continues when the terminal is closed during the rollback', async () => {
    await dieAgain(lab, TOOL);
    const breakpoint = await JournalBreakpoint.install(lab);
    const copying = { seq: await seqOf('copy-tables'), state: 'started' } as const;
    const undoing = { seq: await seqOf('create-database'), state: 'undoing' } as const;
    await breakpoint.stopAt([copying, undoing]);
    const terminal = openTerminal(lab, `npx ${EXPORT}`);
    expect(await breakpoint.reached(terminal)).to.deep.equal(copying);
    terminal.type('\u0003');
    while (!terminal.shown().includes('^C')) await delay(20);
    await breakpoint.release(copying);
    expect(await breakpoint.reached({ exitCode: null })).to.deep.equal(undoing); // npx may have exited by now
    expect(terminal.shown()).to.contain('Interrupted by Ctrl-C');
    await terminal.close();
    await breakpoint.release(undoing);
    await expectRolledBack();
    await breakpoint.remove();
  });

  it('completes an export whose output pipe is closed by its reader', async () => {
    await dieAgain(lab, TOOL);
    const { code, stdout, stderr } = await lab.run('bash', '-c', `set -o pipefail; ${EXPORT} | head -1`);
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout).to.match(/^Starting export of .*\n$/);
    expect(stderr).to.equal('');
    expect(await job()).to.include({ status: 'completed' });
    const served = await fetch(`${lab.gatewayUrl}/api/${TOOL}/items`);
    expect(served.status).to.equal(200);
  });

  it('completes status, doctor and a dry run without an error when their output pipe is closed', async () => {
    const before = await takeFingerprint(lab);
    for (const command of ['status', 'doctor', `rollback --tool-id=${TOOL} --dry-run`]) {
      const { code, stderr } = await lab.run('bash', '-c', `set -o pipefail; gulp ${command} | true`);
      expect(stderr, command).to.equal('');
      expect(code, command).to.equal(0);
    }
    expect(await takeFingerprint(lab)).to.deep.equal(before);
  });

  it('keeps the service running after its terminal is closed, and completes a rollback whose terminal is closed', async () => {
    const breakpoint = await JournalBreakpoint.install(lab);
    const moment = { seq: await seqOf('start-service'), state: 'undoing' } as const;
    await breakpoint.stopAt([moment]);
    const terminal = openTerminal(lab, ROLLBACK);
    await breakpoint.reached(terminal);
    await terminal.close();
    await breakpoint.release(moment);
    await expectRolledBack();
    await breakpoint.remove();
  });
});
