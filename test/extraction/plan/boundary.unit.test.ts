import { expect } from 'chai';
import { catalogOf, findingsOf, planFrom } from '../support/catalogs.ts';

const orders = catalogOf('orders');
const code = catalogOf('code');
const OUTGOING = 'warning foreign-key-outgoing orders_customer_id_fkey ON public.orders';

const foreignKeys = (tables: string, severIncoming = false): string[] =>
  findingsOf(planFrom(orders, { tables, severIncoming })).filter((text) => text.includes('foreign-key'));

describe('boundary around the selected tables', () => {
  it('refuses foreign keys that come in from tables outside', () => {
    expect(foreignKeys('orders,order_lines')).to.deep.equal([
      OUTGOING,
      'error foreign-key-incoming reviews_again ON public.reviews',
      'error foreign-key-incoming reviews_order_id_fkey ON public.reviews',
    ]);
  });

  it('accepts incoming foreign keys as warnings with --sever-incoming', () => {
    expect(foreignKeys('orders,order_lines', true)).to.deep.equal([
      OUTGOING,
      'warning foreign-key-incoming reviews_again ON public.reviews',
      'warning foreign-key-incoming reviews_order_id_fkey ON public.reviews',
    ]);
  });

  it('severs outgoing foreign keys and notes them in a comment on their columns', () => {
    const { plan } = planFrom(orders, { tables: 'orders', severIncoming: true });
    const statements = [...plan!.constraints, ...plan!.after].map(({ sql }) => sql);
    expect(statements.join('\n')).not.to.include('ADD CONSTRAINT orders_customer_id_fkey');
    expect(statements.at(-1)).to.equal(
      `COMMENT ON COLUMN public.orders.customer_id IS 'buyer\n` +
        `Referred to public.customers by orders_customer_id_fkey before this table moved: FOREIGN KEY (customer_id) REFERENCES public.customers(id)'`,
    );
  });

  it('keeps foreign keys between selected tables', () => {
    expect(foreignKeys('customers,orders,order_lines,reviews')).to.deep.equal([]);
    const { plan } = planFrom(orders, { tables: 'customers,orders,order_lines,reviews' });
    expect(plan!.constraints.map(({ id }) => id)).to.deep.equal([
      'CONSTRAINT order_lines_order_id_fkey ON public.order_lines',
      'CONSTRAINT orders_customer_id_fkey ON public.orders',
      'CONSTRAINT reviews_again ON public.reviews',
      'CONSTRAINT reviews_order_id_fkey ON public.reviews',
    ]);
  });

  it('reports the foreign key of a partition at its parent only', () => {
    const clones = orders.constraints
      .filter(({ kind }) => kind === 'f')
      .map((key) => ({ ...key, oid: `9${key.oid}`, name: `${key.name}_clone`, parent: key.oid }));
    const constraints = [...orders.constraints, ...clones];
    const found = findingsOf(planFrom({ ...orders, constraints }, { tables: 'orders,order_lines' }));
    expect(found.filter((text) => text.includes('_clone'))).to.deep.equal([]);
    expect(found).to.include(OUTGOING);
  });

  it('ignores foreign keys between tables outside', () => {
    expect(foreignKeys('customers', true).filter((text) => text.includes('order_lines'))).to.deep.equal([]);
  });

  it('leaves out views and functions that reach across', () => {
    const extraction = planFrom(orders, { tables: 'orders,order_lines', severIncoming: true });
    expect(findingsOf(extraction)).to.include.members([
      'warning view-crosses public.buyers',
      'warning function-left-behind public.total_of(wanted integer)',
    ]);
    expect(extraction.plan!.after.map(({ id }) => id)).to.include('VIEW public.open_orders');
  });

  it('refuses policies that read a table outside, and leaves out triggers that touch one', () => {
    expect(findingsOf(planFrom(code, { tables: 'tasks' }))).to.deep.equal([
      'warning trigger-crosses logged ON public.tasks',
      'error policy-crosses audited ON public.tasks',
      'warning view-crosses public.audited_tasks',
    ]);
    expect(findingsOf(planFrom(code, { tables: 'tasks,audit' }))).to.deep.equal([]);
  });

  it('creates no trigger in the target whose function touches a table outside', () => {
    const triggersOf = (tables: string): string[] => {
      const { plan } = planFrom({ ...code, policies: [] }, { tables });
      return plan!.after.map(({ id }) => id).filter((id) => id.startsWith('TRIGGER'));
    };
    expect(triggersOf('tasks,audit')).to.include('TRIGGER logged ON public.tasks');
    expect(triggersOf('tasks')).not.to.include('TRIGGER logged ON public.tasks').and.not.to.be.empty;
  });

  it('warns of policies outside that continue to read a selected table', () => {
    expect(findingsOf(planFrom(code, { tables: 'audit' }))).to.include(
      'warning policy-crosses-inward audited ON public.tasks',
    );
  });

  it('counts rows of foreign keys that are NOT VALID', () => {
    const { unvalidated } = planFrom(orders, { tables: 'orders,reviews' });
    expect(unvalidated).to.deep.equal([
      {
        object: 'reviews_again ON public.reviews',
        count:
          'SELECT count(*) AS count FROM ONLY public.reviews c WHERE c.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.orders p WHERE p.id = c.order_id)',
      },
    ]);
  });
});
