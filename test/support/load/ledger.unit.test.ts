import { expect } from 'chai';
import { audit, type SentWrite, type StoredItem } from './ledger.ts';

const write = (some: Partial<SentWrite>): SentWrite => ({
  kind: 'create',
  sku: 'A',
  value: null,
  phase: 'export',
  outcome: 'acknowledged',
  ...some,
});
const item = (some: Partial<StoredItem>): StoredItem => ({
  sku: 'A',
  reorderLevel: 0,
  quantity: 0,
  movements: [],
  ...some,
});
const faultsOf = (writes: readonly SentWrite[], items: readonly StoredItem[]): object => {
  const { lost, doubled, stored } = audit(writes, items);
  return { lost, doubled, stored };
};
const NONE = { lost: [], doubled: [], stored: [] };

describe('audit of the load', () => {
  it('finds no fault in writes that are stored as they were answered', () => {
    const writes = [
      write({}),
      write({ sku: 'B', outcome: 'refused' }),
      write({ sku: 'C', outcome: 'unknown' }),
      write({ kind: 'movement', sku: 'D', value: 'one' }),
      write({ kind: 'movement', sku: 'D', value: 'two', outcome: 'unknown' }),
      write({ kind: 'step', sku: 'E' }),
      write({ kind: 'step', sku: 'E', outcome: 'unknown' }),
      write({ kind: 'edit', sku: 'F', value: 1 }),
      write({ kind: 'edit', sku: 'F', value: 2, outcome: 'refused' }),
      write({ kind: 'edit', sku: 'F', value: 3, outcome: 'unknown' }),
    ];
    for (const level of [1, 3])
      expect(
        faultsOf(writes, [
          item({}),
          item({ sku: 'D', quantity: 1, movements: ['one'] }),
          item({ sku: 'E', reorderLevel: 2 }),
          item({ sku: 'F', reorderLevel: level }),
        ]),
      ).to.deep.equal(NONE);
  });

  it('reports acknowledged writes of every kind that are not stored', () => {
    const writes = [
      write({}),
      write({ kind: 'movement', sku: 'D', value: 'one' }),
      write({ kind: 'step', sku: 'E' }),
      write({ kind: 'step', sku: 'E' }),
      write({ kind: 'edit', sku: 'F', value: 1 }),
      write({ kind: 'edit', sku: 'F', value: 2 }),
    ];
    const items = [
      item({ sku: 'D' }),
      item({ sku: 'E', reorderLevel: 1 }),
      item({ sku: 'F', reorderLevel: 1 }),
    ];
    expect(faultsOf(writes, items)).to.deep.equal({
      ...NONE,
      lost: [
        'export: create A',
        'export: movement D one',
        'export: step E: 1 after 2 acknowledged steps',
        'export: edit F 2: 1 is stored',
      ],
    });
  });

  it('reports writes that are stored twice', () => {
    const writes = [
      write({ kind: 'movement', value: 'one' }),
      write({ kind: 'movement', value: 'two', outcome: 'unknown' }),
      write({ kind: 'step', sku: 'E' }),
    ];
    const items = [
      item({ quantity: 5, movements: ['one', 'one', 'two', 'two'] }),
      item({ sku: 'E', reorderLevel: 2 }),
    ];
    expect(faultsOf(writes, items)).to.deep.equal({
      ...NONE,
      doubled: [
        'export: movement A one',
        'export: movement A two',
        'export: movement A two: 5 pieces after 4 movements of one piece',
        'export: step E: 2 after 1 acknowledged steps',
      ],
    });
  });

  it('reports refused writes that are stored', () => {
    const writes = [
      write({ outcome: 'refused' }),
      write({ kind: 'edit', sku: 'F', value: 1 }),
      write({ kind: 'edit', sku: 'F', value: 2, outcome: 'refused' }),
    ];
    expect(faultsOf(writes, [item({}), item({ sku: 'F', reorderLevel: 2 })])).to.deep.equal({
      ...NONE,
      stored: ['export: create A', 'export: edit F 2'],
    });
  });
});
