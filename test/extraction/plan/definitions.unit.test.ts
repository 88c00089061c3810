import { expect } from 'chai';
import type { Column, Relation } from '../../../extraction/catalog/catalog.ts';
import { orderColumns } from '../../../extraction/plan/pre-data/column-order.ts';
import { keepArrayCasts } from '../../../extraction/plan/ddl/stable-arrays.ts';

describe('definitions that do not survive being read again', () => {
  it('leaves out the cast that would move into each element', () => {
    expect(
      keepArrayCasts(
        `CHECK (((s)::text = ANY ((ARRAY['a]'::character varying, 'it''s ((ARRAY['::character varying])::text[])))`,
      ),
    ).to.equal(
      `CHECK (((s)::text = ANY (ARRAY['a]'::character varying, 'it''s ((ARRAY['::character varying])))`,
    );
    expect(keepArrayCasts(`(s)::text <> ALL ((ARRAY['x'::character varying])::text[]) AND b`)).to.equal(
      `(s)::text <> ALL (ARRAY['x'::character varying]) AND b`,
    );
  });

  it('touches nothing else, and no text in quotes', () => {
    for (const sql of [
      `(s)::text = ANY (ARRAY[('a'::character varying)::text])`,
      `x = 'ANY ((ARRAY[''a''::character varying])::text[])'`,
      `x = ANY ((ARRAY[1, 2])::text[])`,
      `"odd ANY ((ARRAY['a'::character varying])::text[])" > 1`,
    ])
      expect(keepArrayCasts(sql)).to.equal(sql);
  });
});

describe('the order of columns in trees of tables', () => {
  const table = (oid: string, parents: string[], columns: string): Relation =>
    ({
      oid,
      name: oid,
      parents,
      kind: 'r',
      isPartition: false,
      columns: columns.split(' ').map((text, n): Partial<Column> => {
        const [name = '', flags = 'l'] = text.split(':');
        return {
          number: n + 1,
          name,
          isLocal: flags.includes('l'),
          inheritCount: flags.includes('i') ? 1 : 0,
        };
      }),
    }) as unknown as Relation;
  const added = (tables: Relation[]): string =>
    orderColumns(tables)
      .added.map((item) => `${item.table.name}.${item.column.name}`)
      .join(' ');

  it('is left to CREATE TABLE where that gives it', () => {
    const order = orderColumns([table('p', [], 'a b'), table('c', ['p'], 'a:i b:li x')]);
    expect([order.stepwise.size, order.added, order.impossible]).to.deep.equal([0, [], []]);
  });

  it('is made column by column where a parent was altered after its children', () => {
    expect(added([table('p', [], 'a late'), table('c', ['p'], 'a:i own late:i own2')])).to.equal(
      'p.a c.own p.late c.own2',
    );
  });

  it('puts the own column of a child before the one of a parent that merges with it', () => {
    expect(added([table('p', [], 'a b'), table('c', ['p'], 'x:l b:li a:li')])).to.equal(
      'c.x c.b c.a p.a p.b',
    );
  });

  it('says which tables contradict each other', () => {
    const tables = [table('p', [], 'a b'), table('q', [], 'b c a'), table('c', ['p', 'q'], 'b:i a:i c:i')];
    expect(orderColumns(tables).impossible.map((item) => item.name)).to.deep.equal(['c']);
  });
});
