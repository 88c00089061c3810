import { expect } from 'chai';
import { dieAgain } from '../support/interrupted-job.ts';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { JournalGate, type Moment } from '../support/journal-gate.ts';
import { openLab, type Lab } from '../support/lab.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local', '--silent'];
const RESUME = [...EXPORT, '--resume'];
const ROLLBACK = ['rollback', `--tool-id=${TOOL}`, '--silent'];

/**
 * Rolling back from a moment costs a whole export up to it: here every sixth, of which each run of the suite takes the same.
 * `KILL_MATRIX=full npx mocha test/e2e/kill-matrix.test.ts` takes all of them.
 */
const STRIDE = process.env['KILL_MATRIX'] === 'full' ? 1 : 6;

/**
 * The moments are made from the plan, not listed: a new kind of change is killed from the day it exists. Before a change
 * its row is written and nothing is done; after it all is done, and the row does not say so.
 */
describe('SIGKILL before and after every journalled change', function () {
  this.timeout(1_800_000);
  let lab: Lab;
  let gate: JournalGate;
  let start: Fingerprint;
  let complete: Fingerprint;
  let changes = 0;
  let kills = 0;

  before(async () => {
    lab = await openLab();
    start = await takeFingerprint(lab);
    const { code, report } = await lab.gulpJson(...EXPORT.slice(0, -1));
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    changes = report.changes.length;
    complete = await takeFingerprint(lab);
    expect(Object.keys(complete.exported['inventory_tracker_db']?.rows ?? {})).to.include('inventory_items');
    expect((await lab.gulp(...ROLLBACK)).code).to.equal(0);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    gate = await JournalGate.install(lab);
  });
  after(async () => {
    await gate.remove();
    await lab.close();
    console.log(`      kill matrix: ${kills} kills over ${changes} changes`);
  });

  const moments = (...states: Moment['state'][]): Moment[] =>
    Array.from({ length: changes }, (_, i) => states.map((state) => ({ seq: i + 1, state }))).flat();

  /** Runs the command again and again, killed at each of the moments once, until it comes to its end. */
  async function killAtEach(
    at: readonly Moment[],
    first: readonly string[],
    then: readonly string[],
  ): Promise<number> {
    let killed = 0;
    await gate.stopAt(at);
    while ((await gate.killNext(() => lab.spawnGulp(...(killed === 0 ? first : then)))) !== null) killed += 1;
    kills += killed;
    return killed;
  }

  it('of an export, resumed each time, ends in the complete state', async () => {
    expect(await killAtEach(moments('started', 'done'), EXPORT, RESUME)).to.equal(2 * changes);
    expect(await takeFingerprint(lab)).to.deep.equal(complete);
  });

  it('of its rollback, run again each time, ends where it all began', async () => {
    expect(await killAtEach(moments('undoing', 'undone'), ROLLBACK, ROLLBACK)).to.equal(2 * changes);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('of an export, rolled back each time, ends where it all began', async () => {
    for (const moment of moments('started', 'done').filter((_, i) => i % STRIDE === STRIDE - 1)) {
      await dieAgain(lab, TOOL); // the plan is made once: what the preflight reads has not changed
      if (moment.seq > 1 || moment.state !== 'started') {
        // else it has died there already
        await gate.stopAt([moment]);
        expect(await gate.killNext(() => lab.spawnGulp(...RESUME))).to.deep.equal(moment);
        await gate.stopAt([]);
      }
      kills += 1;
      const back = await lab.gulp(...ROLLBACK);
      expect(back.code, `${JSON.stringify(moment)}\n${back.stdout}${back.stderr}`).to.equal(0);
      expect(await takeFingerprint(lab), JSON.stringify(moment)).to.deep.equal(start);
    }
  });

  it('of a rollback, of the export that goes on instead, and of the next rollback, ends where it all began', async () => {
    // One change is left to take back when the rollback dies: the export that goes on does all the others again
    const last: Moment = { seq: 1, state: 'undoing' };
    const dieUndoing = async (): Promise<void> => {
      await gate.stopAt([last]);
      expect(await gate.killNext(() => lab.spawnGulp(...ROLLBACK))).to.deep.equal(last);
    };
    await gate.stopAt([]);
    expect((await lab.gulp(...EXPORT)).code).to.equal(0);
    await dieUndoing();
    // The recorded answers stay in a README whose folder goes with the last change: names of files, not their contents
    const allButOne = async (): Promise<Fingerprint> => {
      const { git, ...all } = await takeFingerprint(lab);
      return { ...all, git: git.replace(/\w+\n$/, '') };
    };
    const almost = await allButOne();
    // Half as many as above, and others
    for (const moment of moments('started', 'done').filter((_, i) => STRIDE === 1 || i % 12 === 2)) {
      if (moment.seq === 1 && moment.state === 'started') continue; // where it stands already
      await gate.stopAt([moment]);
      expect(await gate.killNext(() => lab.spawnGulp(...RESUME))).to.deep.equal(moment);
      await dieUndoing();
      kills += 2;
      expect(await allButOne(), JSON.stringify(moment)).to.deep.equal(almost);
    }
    await gate.stopAt([]);
    expect((await lab.gulp(...ROLLBACK)).code).to.equal(0);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });
});
