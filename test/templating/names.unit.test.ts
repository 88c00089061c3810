import { expect } from 'chai';
import { camelCase, kebabCase, pascalCase, plural, singular, snakeCase } from '../../templating/names.ts';

describe('names', () => {
  it('spells one name in every style, from any style', () => {
    for (const name of ['order-line', 'orderLine', 'OrderLine', 'order_line', 'Order line'])
      expect(
        [camelCase, pascalCase, kebabCase, snakeCase].map((style) => style(name)),
        name,
      ).to.deep.equal(['orderLine', 'OrderLine', 'order-line', 'order_line']);
  });

  it('makes plurals, and singulars that lead back', () => {
    const pairs = { task: 'tasks', category: 'categories', box: 'boxes', person: 'people', inventory: 'inventories', address: 'addresses', status: 'statuses', day: 'days', 'sales-person': 'sales-people' }; // prettier-ignore
    for (const [one, many] of Object.entries(pairs)) {
      expect(plural(one)).to.equal(many);
      expect(singular(many), many).to.equal(one);
      expect(singular(one), one).to.equal(one);
    }
  });
});
