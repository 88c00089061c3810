import { expect } from 'chai';
import { HttpProblem } from '#contracts/http-problem';
import {
  isItemId,
  parseItemEdit,
  parseItemQuery,
  parseMovement,
  parseNewItem,
} from '#tools/inventory-tracker/backend/validators/inventory.validator.ts';

const problemsOf = (parse: () => unknown): Record<string, string> => {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    expect(error.status).to.equal(422);
    return Object.fromEntries(error.errors.map((e) => [e.pointer, e.message]));
  }
  throw new Error('the input was accepted');
};

describe('inventory validator', () => {
  it('fills in defaults of a new item without modifying the input', () => {
    const input = { sku: 'HXB-ST-04', name: 'Hex Bolt' };
    expect(parseNewItem(input)).to.deep.equal({
      ...input,
      description: '',
      location: '',
      reorderLevel: 0,
      price: '0.00',
      attributes: {},
      quantity: 0,
    });
    expect(input).to.deep.equal({ sku: 'HXB-ST-04', name: 'Hex Bolt' });
  });

  it('reports every problem at once, each with its JSON pointer', () => {
    const problems = problemsOf(() =>
      parseNewItem({ sku: 'lower case', price: 12.5, quantity: -1, 'a/b': 1, attributes: { size: null } }),
    );
    expect(Object.keys(problems)).to.have.members([
      '/sku',
      '/name',
      '/price',
      '/quantity',
      '/a~1b',
      '/attributes/size',
    ]);
    expect(problems['/name']).to.equal('is required');
    expect(problems['/a~1b']).to.equal('is not a known field');
  });

  it('accepts prices as decimal text with at most two places, within numeric(12, 2)', () => {
    for (const price of ['0', '0.5', '9999999999.99'])
      expect(parseNewItem({ sku: 'A', name: 'a', price }).price).to.equal(price);
    for (const price of ['1.234', '-1', '1e3', '01.00', '10000000000', '', ' 1'])
      expect(problemsOf(() => parseNewItem({ sku: 'A', name: 'a', price }))).to.have.keys('/price');
  });

  it('rejects the character that PostgreSQL cannot store', () => {
    const body = { sku: 'A', name: 'a\u0000b', description: '\u0000', attributes: { 'x\u0000': 'y' } };
    expect(problemsOf(() => parseNewItem(body))).to.include.keys('/name', '/description', '/attributes');
    expect(problemsOf(() => parseItemQuery({ q: '\u0000' }))).to.have.keys('/q');
  });

  it('does not let an edit change the stock', () => {
    expect(problemsOf(() => parseItemEdit({ sku: 'A', name: 'a', quantity: 5 }))).to.deep.equal({
      '/quantity': 'is not a known field',
    });
  });

  it('parses a query string', () => {
    expect(parseItemQuery({ q: 'bolt', lowStock: 'true', limit: '10' })).to.deep.equal({
      q: 'bolt',
      lowStock: true,
      sort: 'name',
      order: 'asc',
      limit: 10,
      offset: 0,
    });
    expect(problemsOf(() => parseItemQuery({ limit: '0', offset: '-1', sort: 'x', z: '1' }))).to.have.keys(
      '/limit',
      '/offset',
      '/sort',
      '/z',
    );
  });

  it('derives the kind of a movement from its direction and rejects a contradicting one', () => {
    expect(parseMovement({ change: 5 })).to.deep.equal({ change: 5, kind: 'receipt', reason: '' });
    expect(parseMovement({ change: -5 }).kind).to.equal('issue');
    expect(parseMovement({ change: -5, kind: 'correction' }).kind).to.equal('correction');
    expect(problemsOf(() => parseMovement({ change: 5, kind: 'issue' }))).to.have.keys('/kind');
    expect(problemsOf(() => parseMovement({ change: 0 }))).to.have.keys('/change');
    expect(problemsOf(() => parseMovement({ change: 1.5, kind: 'gift' }))).to.have.keys('/change', '/kind');
    expect(problemsOf(() => parseMovement([]))).to.have.keys('');
  });

  it('distinguishes an item id from other text', () => {
    expect(isItemId('7B7D2A54-1f8e-4d7c-9a0e-0123456789ab')).to.equal(true);
    for (const text of ['1', '', "x' OR 1=1", '7b7d2a54-1f8e-4d7c-9a0e-0123456789abc'])
      expect(isItemId(text), text).to.equal(false);
  });
});
