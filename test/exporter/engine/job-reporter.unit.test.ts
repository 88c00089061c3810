import { expect } from 'chai';
import sinon from 'sinon';
import type { JobProgress } from '../../../contracts/job.ts';
import { createJobReporter, type JobReporter } from '../../../exporter/engine/job-reporter.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';

describe('the progress of a job', () => {
  let clock: sinon.SinonFakeTimers;
  let report: JobReporter;
  let lines: string[];
  let rows: JobProgress[];
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    lines = [];
    rows = [];
    const nothing = (): void => undefined;
    const document = (): Promise<void> => Promise.resolve();
    const terminal = { line: nothing, tick: nothing, finding: nothing, document };
    report = createJobReporter({ ...terminal, progress: (text) => void lines.push(text) }, nothing);
    const query = (_sql: string, values: readonly unknown[]): Promise<unknown> =>
      Promise.resolve(void rows.push(JSON.parse(String(values[1])) as JobProgress));
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

  it('sends no progress once the job has ended', async () => {
    copied('items', 1);
    await report.flush();
    await clock.tickAsync(1_000);
    expect(rows).to.deep.equal([]);
  });
});
