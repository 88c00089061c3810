import { expect } from 'chai';
import { dieAgain } from '../support/interrupted-job.ts';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { JournalBreakpoint, type Moment } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local', '--cutover=fenced', '--silent'];
const RESUME = [...EXPORT, '--resume'];
const ROLLBACK = ['rollback', `--tool-id=${TOOL}`, '--silent'];

/**
 * Rolling back from a breakpoint costs an export up to it, so only every sixth is used, the same in every run.
 * `KILL_MATRIX=full npx mocha test/e2e/kill-matrix.test.ts` uses all of them.
 */
const STRIDE = process.env['KILL_MATRIX'] === 'full' ? 1 : 6;

/**
 * The breakpoints are derived from the plan, so that new kinds of changes are included; those of a live
 * cut-over have a matrix of their own. Before a change its journal row
 * exists but not its effect; after it the effect exists, but the row does not say `done`.
 */
describe('SIGKILL before and after every journalled change', function () {
  this.timeout(1_800_000);
  let lab: Lab;
  let breakpoint: JournalBreakpoint;
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
    breakpoint = await JournalBreakpoint.install(lab);
  });
  after(async () => {
    await breakpoint.remove();
    await lab.close();
    console.log(`      kill matrix: ${kills} kills over ${changes} changes`);
  });

  const moments = (...states: Moment['state'][]): Moment[] =>
    Array.from({ length: changes }, (_, i) => states.map((state) => ({ seq: i + 1, state }))).flat();

  /** Runs the command repeatedly, killed once at each breakpoint, until it completes. */
  async function killAtEach(
    at: readonly Moment[],
    first: readonly string[],
    then: readonly string[],
  ): Promise<number> {
    let killed = 0;
    await breakpoint.stopAt(at);
    while ((await breakpoint.killNext(() => lab.spawnGulp(...(killed === 0 ? first : then)))) !== null)
      killed += 1;
    kills += killed;
    return killed;
  }

  it('completes an export that is killed at each change and resumed', async () => {
    expect(await killAtEach(moments('started', 'done'), EXPORT, RESUME)).to.equal(2 * changes);
    expect(await takeFingerprint(lab)).to.deep.equal(complete);
  });

  it('restores the initial state when a rollback is killed at each change and run again', async () => {
    expect(await killAtEach(moments('undoing', 'undone'), ROLLBACK, ROLLBACK)).to.equal(2 * changes);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('restores the initial state when an export is killed at a change and rolled back', async () => {
    for (const moment of moments('started', 'done').filter((_, i) => i % STRIDE === STRIDE - 1)) {
      await dieAgain(lab, TOOL); // reuses the plan, as its inputs have not changed
      if (moment.seq > 1 || moment.state !== 'started') {
        // the first breakpoint has been reached already
        await breakpoint.stopAt([moment]);
        expect(await breakpoint.killNext(() => lab.spawnGulp(...RESUME))).to.deep.equal(moment);
        await breakpoint.stopAt([]);
      }
      kills += 1;
      const back = await lab.gulp(...ROLLBACK);
      expect(back.code, `${JSON.stringify(moment)}\n${back.stdout}${back.stderr}`).to.equal(0);
      expect(await takeFingerprint(lab), JSON.stringify(moment)).to.deep.equal(start);
    }
  });

  it('restores the initial state after SIGKILL of a rollback, the resumed export and the next rollback', async () => {
    // The rollback dies with one change to undo: the resumed export repeats all others
    const last: Moment = { seq: 1, state: 'undoing' };
    const dieUndoing = async (): Promise<void> => {
      await breakpoint.stopAt([last]);
      expect(await breakpoint.killNext(() => lab.spawnGulp(...ROLLBACK))).to.deep.equal(last);
    };
    await breakpoint.stopAt([]);
    expect((await lab.gulp(...EXPORT)).code).to.equal(0);
    await dieUndoing();
    // The README keeps recorded answers until its folder is deleted, so only file names are compared
    const allButOne = async (): Promise<Fingerprint> => {
      const { git, ...all } = await takeFingerprint(lab);
      return { ...all, git: git.replace(/\w+\n$/, '') };
    };
    const almost = await allButOne();
    // The registry is updated last: what the dead rollback has not undone, no resumed export repeats
    const repeated = new Set([1, ...(await breakpoint.undone())]);
    const reachable = moments('started', 'done').filter(({ seq }) => repeated.has(seq));
    // Half as many breakpoints as above, at other changes
    for (const moment of reachable.filter((_, i) => STRIDE === 1 || i % 12 === 2)) {
      if (moment.seq === 1 && moment.state === 'started') continue; // the export is already there
      await breakpoint.stopAt([moment]);
      expect(await breakpoint.killNext(() => lab.spawnGulp(...RESUME))).to.deep.equal(moment);
      await dieUndoing();
      kills += 2;
      expect(await allButOne(), JSON.stringify(moment)).to.deep.equal(almost);
    }
    await breakpoint.stopAt([]);
    expect((await lab.gulp(...ROLLBACK)).code).to.equal(0);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });
});
