import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { holdBefore } from '../support/hold-export.ts';
import { dieAgain, dieAtFirstChange } from '../support/interrupted-job.ts';
import { JournalGate } from '../support/journal-gate.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { openTerminal, untilGone } from '../support/terminal.ts';

const TOOL = 'inventory-tracker';
const EXPORT = `gulp export --tool-id=${TOOL} --runtime=local --resume`;
const ROLLBACK = `gulp rollback --tool-id=${TOOL}`;

/** Real terminals and real pipes, whose other ends go away. The tests follow each other. */
describe('when nobody reads any more,', function () {
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
  async function expectTakenBack(): Promise<void> {
    await untilGone((await job()).pid);
    expect(await job()).to.include({ status: 'rolled_back' });
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  }

  it('a closed terminal takes an export back, though all that it says is lost', async () => {
    const hold = await holdBefore(lab, 'copy-tables');
    const terminal = openTerminal(lab, EXPORT);
    await hold.reached(terminal.ended);
    expect(terminal.shown(), 'a terminal').to.contain('Build successful').and.to.contain('\r\n');
    await terminal.close();
    await hold.release();
    await expectTakenBack();
    expect((await job()).error?.message).to.equal('Interrupted by a closed terminal');
  });

  it('Ctrl-C at npx reaches the export, and a terminal that is closed then does not end the undo', async () => {
    await dieAgain(lab, TOOL);
    const gate = await JournalGate.install(lab);
    const copying = { seq: await seqOf('copy-tables'), state: 'started' } as const;
    const undoing = { seq: await seqOf('create-database'), state: 'undoing' } as const;
    await gate.stopAt([copying, undoing]);
    const terminal = openTerminal(lab, `npx ${EXPORT}`);
    expect(await gate.reached(terminal)).to.deep.equal(copying);
    terminal.type('\u0003');
    while (!terminal.shown().includes('^C')) await delay(20);
    await gate.release(copying);
    expect(await gate.reached({ exitCode: null })).to.deep.equal(undoing); // npx may be gone by now
    expect(terminal.shown()).to.contain('Interrupted by Ctrl-C');
    await terminal.close();
    await gate.release(undoing);
    await expectTakenBack();
    await gate.remove();
  });

  it('an export goes on: a reader that has seen enough is no reason to stop', async () => {
    await dieAgain(lab, TOOL);
    const { code, stdout, stderr } = await lab.run('bash', '-c', `set -o pipefail; ${EXPORT} | head -1`);
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout).to.match(/^\[.*\] Using gulpfile .*\n$/);
    expect(stderr).to.equal('');
    expect(await job()).to.include({ status: 'completed' });
    const served = await fetch(`${lab.gatewayUrl}/api/${TOOL}/items`);
    expect(served.status).to.equal(200);
  });

  it('other commands go on as well, and say nothing of it', async () => {
    const before = await takeFingerprint(lab);
    for (const command of ['status', 'doctor', `rollback --tool-id=${TOOL} --dry-run`]) {
      const { code, stderr } = await lab.run('bash', '-c', `set -o pipefail; gulp ${command} | true`);
      expect(stderr, command).to.equal('');
      expect(code, command).to.equal(0);
    }
    expect(await takeFingerprint(lab)).to.deep.equal(before);
  });

  it('a service that was started from a terminal outlives it, and a rollback comes to its end', async () => {
    const gate = await JournalGate.install(lab);
    const moment = { seq: await seqOf('start-service'), state: 'undoing' } as const;
    await gate.stopAt([moment]);
    const terminal = openTerminal(lab, ROLLBACK);
    await gate.reached(terminal);
    await terminal.close();
    await gate.release(moment);
    await expectTakenBack();
    await gate.remove();
  });
});
