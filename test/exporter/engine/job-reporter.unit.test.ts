import { expect } from 'chai';
import sinon from 'sinon';
import type { CutoverPhase, JobProgress } from '../../../contracts/job.ts';
import { createJobReporter, type JobReporter } from '../../../exporter/engine/job-reporter.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';

describe('the progress of a job', () => {
  let clock: sinon.SinonFakeTimers;
  let report: JobReporter;
  let lines: string[];
  let rows: JobProgress[];
  let ticks: string[];
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    lines = [];
    rows = [];
    ticks = [];
    const nothing = (): void => undefined;
    const document = (): Promise<void> => Promise.resolve();
    const tick = (_level: string, message: string): void => void ticks.push(message);
    const terminal = { line: nothing, tick, finding: nothing, activity: nothing, aside: nothing, document };
    report = createJobReporter({ ...terminal, progress: (text) => void lines.push(text) }, nothing);
    const query = (sql: string, values: readonly unknown[]): Promise<unknown> =>
      Promise.resolve(sql.includes('progress') && rows.push(JSON.parse(String(values[1])) as JobProgress));
    report.attach({ query } as unknown as Queryable, 'job');
    report.step = 'database';
  });
  afterEach(() => clock.restore());

  const copied = (target: string, done: number, total = 100): void =>
    report.progress({ target, done, total, unit: 'rows' });

  it('reports at most 99 percent while a step runs, and never a remaining time of 0 seconds', async () => {
    copied('items', 0);
    await clock.tickAsync(10_000);
    copied('items', 100);
    await clock.tickAsync(1_000);
    expect(rows.at(-1)).to.include({ done: 100, total: 100, percent: 99, etaSeconds: null });
    expect(lines.at(-1)).to.equal('items: 100 of 100 rows (99%)');
  });

  it('estimates the time left from the pace so far', async () => {
    copied('items', 0);
    await clock.tickAsync(10_000);
    copied('items', 25);
    await clock.tickAsync(1_000);
    expect(rows.at(-1)).to.include({ percent: 25, etaSeconds: 30 });
  });

  it('reaches the registry with its latest target, however quickly targets follow each other', async () => {
    for (const target of ['first', 'second', 'third', 'last']) copied(target, 0);
    await clock.tickAsync(1_000);
    expect(rows.at(-1)).to.include({ target: 'last' });
    expect(rows.length).to.be.lessThan(3);
  });

  it('names each phase of a live cut-over once in the log, and with every progress', async () => {
    const phase = (name: CutoverPhase, target: string, done = 0, total = 0): void =>
      report.progress({ phase: name, target, done, total, unit: 'bytes' });
    phase('copying', 'items', 5, 10);
    phase('copying', 'orders', 6, 10);
    for (const lag of ['2 MB (3 s) behind', '0 bytes (0 s) behind']) phase('catching up', lag, 1, 2);
    phase('switching', 'writes wait for at most 800 ms');
    phase('waiting', 'pid 7 (idle in transaction): UPDATE items');
    phase('switching', 'writes wait for at most 800 ms');
    phase('verifying', 'items', 1, 2);
    await clock.tickAsync(1_000);
    expect(ticks).to.deep.equal([
      'Copying, while writes go on',
      'Catching up with the writes since: 2 MB (3 s) behind',
      'Switching: writes wait for at most 800 ms',
      'Waiting, while writes go on, for pid 7 (idle in transaction): UPDATE items',
      'Verifying the rows of the moment of the switch, while writes go on',
    ]);
    expect(rows.at(-1)).to.include({ phase: 'verifying', target: 'items' });
    expect(lines[0]).to.equal('copying: items: 5 of 10 bytes (50%)');
  });

  it('sends no progress once the job has ended', async () => {
    copied('items', 1);
    await report.flush();
    await clock.tickAsync(1_000);
    expect(rows).to.deep.equal([]);
  });
});
