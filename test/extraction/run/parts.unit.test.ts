import { expect } from 'chai';
import type { TableCopy } from '../../../extraction/plan/plan.ts';
import { partsOf } from '../../../extraction/run/parts.ts';

const MIB = 2 ** 20;

function table(name: string, megabytes: number): TableCopy {
  return {
    ...{ name, into: name, columns: [], compared: [], key: [], format: 'binary', rows: 1, largeObjects: [] },
    ...{ bytes: megabytes * MIB, pages: megabytes * 128 },
  };
}

const idsOf = (tables: readonly TableCopy[], jobs: number): string[] =>
  partsOf(tables, jobs).map(({ id }) => id);

describe('the parts of a copy', () => {
  it('leaves tables whole whose copies take about as long as one another, largest first', () => {
    expect(idsOf([table('small', 1), table('a', 250), table('b', 300)], 2)).to.deep.equal([
      'data b',
      'data a',
      'data small',
    ]);
  });

  it('splits a table that is much longer than all others, into ranges that cover all its pages', () => {
    const parts = partsOf([table('long', 200), table('small', 10)], 2);
    expect(parts.map(({ id, pages }) => [id, pages])).to.deep.equal([
      ['data long 1/4', { from: 0, to: 6400 }],
      ['data long 2/4', { from: 6400, to: 12_800 }],
      ['data long 3/4', { from: 12_800, to: 19_200 }],
      ['data long 4/4', { from: 19_200, to: null }],
      ['data small', null],
    ]);
  });

  it('splits long tables among many workers', () => {
    expect(idsOf([table('a', 100), table('b', 100)], 4)).to.have.length(4);
  });

  it('splits a table of more than 4 GiB, so that little is repeated after a kill', () => {
    expect(idsOf([table('a', 5_000), table('b', 5_000)], 2)).to.have.length(128);
  });

  it('splits nothing for one worker, and small tables never', () => {
    expect(idsOf([table('long', 9_000)], 1)).to.deep.equal(['data long']);
    expect(idsOf([table('only', 63)], 4)).to.deep.equal(['data only']);
    expect(idsOf([], 2)).to.deep.equal([]);
  });
});
