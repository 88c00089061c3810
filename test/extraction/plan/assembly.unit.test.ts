import { expect } from 'chai';
import type { ExtractionPlan, Statement } from '../../../extraction/plan/plan.ts';
import { catalogOf, planFrom } from '../support/catalogs.ts';

/** Ids in order, without the statements that set owners. */
const idsOf = (statements: readonly Statement[]): string[] =>
  statements.map(({ id }) => id).filter((id) => !id.startsWith('OWNER '));

const sqlOf = (plan: ExtractionPlan, id: string): string[] =>
  [...plan.before, ...plan.indexes, ...plan.constraints, ...plan.after]
    .filter((statement) => statement.id === id)
    .map(({ sql }) => sql);

describe('plan of partitions, inheritance, generated and identity columns', () => {
  const plan = planFrom(catalogOf('trees'), { tables: 'readings,animals' }).plan!;

  it('creates structure before the rows, and partitions before they are attached', () => {
    expect(idsOf(plan.before)).to.deep.equal([
      'TABLE public.readings',
      'TABLE public.readings_2024',
      'TABLE public.readings_rest',
      'TABLE public.animals',
      'TABLE public.dogs',
      'PARTITION public.readings_2024',
      'PARTITION public.readings_rest',
      'COLUMN public.animals.id',
      'COLUMN public.animals.name',
      'COLUMN public.dogs.tail',
      'COLUMN public.animals.born',
      'CONSTRAINT dogs_tail_check ON public.dogs',
      'TABLE public.dogs',
      'IDENTITY public.readings_id_seq',
      'DEFAULT public.animals.name',
      'DEFAULT public.dogs.name',
    ]);
  });

  it('builds indexes of partitions before the partitioned index that they are attached to', () => {
    expect(idsOf(plan.indexes)).to.include('INDEX public.readings_2024_pkey');
    expect(idsOf(plan.constraints)).to.deep.equal([
      'INDEX public.readings_pkey',
      'INDEX public.readings_value',
      'ATTACH public.readings_2024_pkey',
      'ATTACH public.readings_2024_value_idx',
      'ATTACH public.readings_rest_pkey',
      'ATTACH public.readings_rest_value_idx',
    ]);
    expect(plan.constraints.find(({ id }) => id.startsWith('ATTACH'))?.locks).to.deep.equal([
      'public.readings_2024',
      'public.readings',
    ]);
  });

  it('writes generated and identity columns in the way that keeps their values', () => {
    expect(sqlOf(plan, 'TABLE public.readings')).to.deep.equal([
      'CREATE TABLE public.readings (\n' +
        '  id bigint NOT NULL,\n  at date NOT NULL,\n  value numeric,\n' +
        '  doubled numeric GENERATED ALWAYS AS ((value * (2)::numeric)) STORED\n' +
        ') PARTITION BY RANGE (at)',
    ]);
    expect(sqlOf(plan, 'IDENTITY public.readings_id_seq')[0]).to.match(
      /^ALTER TABLE public\.readings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY \(SEQUENCE NAME public\.readings_id_seq START WITH 1 /,
    );
  });

  it('undoes every created table', () => {
    const created = plan.before.filter(({ sql }) => sql.startsWith('CREATE TABLE'));
    expect(created.map(({ undo }) => undo)).to.deep.equal(
      ['readings', 'readings_2024', 'readings_rest', 'animals', 'dogs'].map(
        (name) => `DROP TABLE IF EXISTS public.${name} CASCADE`,
      ),
    );
  });
});

describe('plan of functions, triggers, views and policies', () => {
  const plan = planFrom(catalogOf('code'), { tables: 'tasks,audit' }).plan!;

  it('creates what an index or a domain needs before the rows, and the rest after them', () => {
    expect(idsOf(plan.before)).to.deep.equal([
      'DOMAIN public.title',
      'FUNCTION public.slug(name text)',
      'TABLE public.audit',
      'TABLE public.tasks',
      'DEFAULT public.tasks.done',
    ]);
    expect(idsOf(plan.indexes)).to.deep.equal([
      'INDEX public.tasks_pkey',
      'INDEX public.tasks_pkey',
      'INDEX public.tasks_slug',
    ]);
  });

  it('creates objects, triggers, policies, comments and grants in this order', () => {
    const kinds = idsOf(plan.after).map((id) => /^(MATERIALIZED VIEW|\w+)/.exec(id)![0]);
    expect([...new Set(kinds)]).to.deep.equal([
      'FUNCTION',
      'VIEW',
      'MATERIALIZED VIEW',
      'REFRESH',
      'TRIGGER',
      'POLICY',
      'FINISH',
      'COMMENT',
      'ACL',
    ]);
    expect(idsOf(plan.after)).to.include.members([
      'VIEW public.audited_tasks',
      'TRIGGER logged ON public.tasks',
    ]);
  });

  it('builds a key from its index', () => {
    expect(sqlOf(plan, 'INDEX public.tasks_pkey')).to.deep.equal([
      'CREATE UNIQUE INDEX tasks_pkey ON public.tasks USING btree (id)',
      'ALTER TABLE ONLY public.tasks ADD CONSTRAINT tasks_pkey PRIMARY KEY USING INDEX tasks_pkey',
    ]);
  });

  it('gives a service its own owner and grants instead of those of the source', () => {
    const service = planFrom(catalogOf('code'), {
      tables: 'tasks,audit',
      ownership: { owner: 'svc_owner', runtime: 'svc_runtime' },
    });
    const { before, after } = service.plan!;
    const owners = before.filter(({ id }) => id.startsWith('OWNER ')).map(({ sql }) => sql);
    expect(owners.every((sql) => sql.endsWith('OWNER TO svc_owner'))).to.equal(true);
    const grants = after.filter(({ id }) => id.startsWith('ACL '));
    expect([...new Set(grants.map(({ id }) => id))]).to.deep.equal(['ACL SERVICE']);
    expect(service.findings.map(({ code }) => code)).to.deep.equal(['grants-replaced']);
  });
});
