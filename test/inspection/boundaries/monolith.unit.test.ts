import path from 'node:path';
import { expect } from 'chai';
import { analyseBoundaries, type Boundaries } from '../../../inspection/index.ts';
import { PLANTED, PLANTED_OWNERS, PLANTED_UNREAD } from './monolith-couplings.ts';

const MONOLITH = path.resolve(import.meta.dirname, '../../fixtures/monolith');

describe('the boundaries of the sample monolith', () => {
  let found: Boundaries;
  before(async () => {
    found = await analyseBoundaries({ root: MONOLITH, database: null });
  });

  it('finds every planted coupling, and no other', () => {
    const lines = found.couplings.map(({ kind, from, to, name, access, file, lines: at, through }) =>
      JSON.stringify([kind, from, to, name, access, file, at, ...(through === null ? [] : [through.file])]),
    );
    expect(lines.sort()).to.deep.equal(PLANTED.map((one) => JSON.stringify(one)).sort());
  });

  it('finds the owner of every table and view', () => {
    expect(Object.fromEntries(found.tables.map(({ name, owner }) => [name, owner]))).to.deep.equal(
      PLANTED_OWNERS,
    );
    expect(found.tables.every(({ defined }) => defined)).to.equal(true);
  });

  it('lists code that it could not read with file and line', () => {
    expect(found.unread.map(({ file, line }) => `${file}:${line}`)).to.deep.equal(PLANTED_UNREAD);
  });

  it('reports what leaves with a module and what the module shares', () => {
    const billing = found.modules.find(({ name }) => name === 'billing');
    expect(billing).to.deep.include({
      folder: 'src/modules/billing',
      files: 3,
      tables: ['customer_balances', 'invoices', 'payments'],
      packages: ['express'],
      variables: ['INVOICE_PREFIX'],
      sessionKeys: ['lastLogin', 'paidAt'],
    });
    expect(billing?.endpoints.map(({ method, path: at }) => `${method} ${at}`)).to.deep.equal([
      'GET /billing/invoices',
      'POST /billing/invoices/:id/pay',
      'GET /billing/balance',
      'POST /billing/prices/raise',
    ]);
    const audit = billing?.shares.find(({ file }) => file === 'src/helpers/audit.js');
    expect(audit?.with).to.deep.equal(['accounts', 'admin', 'orders']);
  });

  it('suggests to begin with the module that costs the least, and to end with the module that uses all others', () => {
    expect(found.order[0]?.module).to.equal('support');
    expect(found.order.at(-1)?.module).to.equal('admin');
  });

  it('counts endpoints at the paths below which their routers are mounted', () => {
    const paths = found.modules.flatMap(({ endpoints }) => endpoints.map(({ path: at }) => at));
    expect(paths)
      .to.have.length(63)
      .and.include('/accounts/addresses')
      .and.include('/support/tickets/:id/messages');
  });
});
