import { expect } from 'chai';
import type { TableCopy } from '../../../extraction/plan/plan.ts';
import { catalogOf, planFrom, type CatalogName } from '../support/catalogs.ts';

const copyOf = (catalog: CatalogName, tables: string, name: string): TableCopy =>
  planFrom(catalogOf(catalog), { tables }).plan!.tables.find((table) => table.name === name)!;

describe('copy of a table', () => {
  it('sends every column but generated ones, and compares all of them', () => {
    const { columns, compared, key, format } = copyOf('trees', 'readings', 'public.readings_2024');
    expect({ columns, compared, key, format }).to.deep.equal({
      columns: ['id', 'at', 'value'],
      compared: ['id', 'at', 'value', 'doubled'],
      key: ['id', 'at'],
      format: 'binary',
    });
  });

  it('uses text where the binary form holds an oid, and finds columns of large objects', () => {
    const { format, largeObjects, key } = copyOf('orders', 'orders,order_lines', 'public.order_lines');
    expect({ format, largeObjects, key }).to.deep.equal({
      format: 'text',
      largeObjects: ['content'],
      key: ['order_id', '"position"'],
    });
  });

  it('prefers the primary key, and has no key without a unique index over NOT NULL columns', () => {
    expect(copyOf('orders', 'orders', 'public.orders').key).to.deep.equal(['id']);
    expect(copyOf('trees', 'animals', 'public.dogs').key).to.deep.equal([]);
  });

  it('loads partitions by hash of an enum through the root, and others directly', () => {
    expect(copyOf('trees', 'moods', 'public.moods_0').into).to.equal('public.moods');
    expect(copyOf('trees', 'readings', 'public.readings_rest').into).to.equal('public.readings_rest');
  });
});

describe('copy of a sequence', () => {
  it('names the column that it feeds, by default or by identity', () => {
    const sequencesOf = (catalog: CatalogName, tables: string): unknown =>
      planFrom(catalogOf(catalog), { tables }).plan!.sequences;
    expect(sequencesOf('orders', 'orders')).to.deep.equal([
      { name: 'public.orders_id_seq', increment: '1', feeds: { table: 'public.orders', column: 'id' } },
    ]);
    expect(sequencesOf('trees', 'readings')).to.deep.equal([
      { name: 'public.readings_id_seq', increment: '1', feeds: { table: 'public.readings', column: 'id' } },
    ]);
  });
});
