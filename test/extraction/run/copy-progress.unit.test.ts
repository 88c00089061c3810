import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import type { Progress } from '../../../extraction/api.ts';
import type { TableCopy } from '../../../extraction/plan/plan.ts';
import { CopyProgress } from '../../../extraction/run/copy-progress.ts';

function table(name: string, sizes: { readonly rows: number; readonly bytes: number }): TableCopy {
  return {
    ...{ name, into: name, columns: [], compared: [], key: [], format: 'binary' },
    ...{ ...sizes, pages: 1, largeObjects: [] },
  };
}

const partsOf = (whole: TableCopy, count = 1) =>
  Array.from({ length: count }, (_, n) => ({ id: `data ${whole.name} ${n + 1}/${count}`, table: whole }));

describe('the progress of a copy', () => {
  let told: Progress[];
  const last = (): Progress => told.at(-1) as Progress;
  const tell = (progress: Progress): void => void told.push(progress);
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    told = [];
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => clock.restore());

  it('stays below its total until the last part is complete, whatever the statistics say', () => {
    const size = fc.record({ rows: fc.nat(), bytes: fc.nat() });
    const part = fc.record({ size, moved: fc.array(fc.nat()), rows: fc.nat() });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (drawn) => {
        told = [];
        const parts = drawn.flatMap(({ size }, n) => partsOf(table(`t${n}`, size)));
        const progress = new CopyProgress(parts, tell);
        drawn.forEach(({ moved, rows }, n) => {
          const current = parts[n] as (typeof parts)[number];
          for (const bytes of [0, ...moved]) {
            clock.tick(1_000);
            progress.moving(current, bytes);
          }
          for (const { done, total } of told) expect(done).to.be.lessThan(total);
          progress.finished(current, { rows, bytes: 1 });
        });
        const rows = drawn.reduce((sum, drawn) => sum + drawn.rows, 0);
        expect(last()).to.include({ done: rows, total: rows, bytes: drawn.length });
      }),
    );
  });

  it('does not take a table for copied whose statistics are ten rows of a million', () => {
    const [first, second] = partsOf(table('big', { rows: 10, bytes: 1_000_000 }), 2);
    const progress = new CopyProgress([first!, second!], tell);
    progress.moving(first!, 0);
    progress.moving(second!, 0);
    progress.finished(first!, { rows: 500_000, bytes: 600_000 });
    // the other half has as many rows as the half that is complete
    expect(last()).to.include({ done: 500_000, total: 1_000_000 });
  });

  it('names the table that the copy waits for, not the one that was complete last', () => {
    const [small] = partsOf(table('small', { rows: 5, bytes: 100 }));
    const [large] = partsOf(table('large', { rows: 5_000, bytes: 100_000 }));
    const progress = new CopyProgress([large!, small!], tell);
    progress.moving(large!, 0);
    progress.moving(small!, 0);
    progress.finished(small!, { rows: 5, bytes: 90 });
    expect(told.map(({ target }) => target)).to.deep.equal(Array(told.length).fill('large'));
    progress.finished(large!, { rows: 5_000, bytes: 90_000 });
    expect(last()).to.include({ target: 'large', done: 5_005, total: 5_005 });
  });

  it('names a table as soon as its copy begins', () => {
    const parts = ['first', 'second'].flatMap((name) => partsOf(table(name, { rows: 1, bytes: 8192 })));
    const progress = new CopyProgress(parts, tell);
    progress.moving(parts[0]!, 0);
    progress.finished(parts[0]!, { rows: 1, bytes: 8 });
    progress.moving(parts[1]!, 0);
    expect(last().target).to.equal('second');
  });

  it('sums the parts of a table', () => {
    const parts = partsOf(table('items', { rows: 4, bytes: 8 }), 2);
    const progress = new CopyProgress(parts, tell);
    progress.finished(parts[0]!, { rows: 3, bytes: 30 });
    progress.finished(parts[1]!, { rows: 4, bytes: 40 });
    expect(progress.sums()).to.deep.equal({ items: { rows: 7, bytes: 70 } });
  });
});
