import { expect } from 'chai';
import type { Key } from '../../../extraction/catalog/catalog.ts';
import { buildGraph, reach, relationKey, sortByNeed } from '../../../extraction/plan/closure/graph.ts';
import { closeOver } from '../../../extraction/plan/closure/members.ts';
import { catalogOf, findingsOf, planFrom } from '../support/catalogs.ts';

const code = catalogOf('code');
const graph = buildGraph(code);
const tasks = code.relations.find((relation) => relation.rawName === 'tasks')!;
const keyOf = (fn: string): Key => `pg_proc:${code.functions.find(({ name }) => name === fn)!.oid}`;

describe('closure of the selected tables', () => {
  it('follows defaults, indexes and triggers to the functions and types that they need', () => {
    const index = code.indexes.find(({ bareName }) => bareName === 'tasks_slug')!;
    const roots = [relationKey(tasks.oid), relationKey(index.oid)];
    const { keys } = closeOver(code, graph, roots);
    expect(keys.has(keyOf('public.slug'))).to.equal(true);
    expect(keys.has(keyOf('public.touch'))).to.equal(false);
    const domain = code.types.find(({ name }) => name === 'public.title')!;
    expect(keys.has(`pg_type:${domain.oid}`)).to.equal(true);
  });

  it('knows the tables that the body of a function names, which pg_depend does not', () => {
    const audit = code.relations.find((relation) => relation.rawName === 'audit')!;
    expect(graph.uses.get(keyOf('public.log_task'))?.has(relationKey(audit.oid))).to.equal(true);
    expect(graph.needs.get(keyOf('public.log_task'))?.has(relationKey(audit.oid)) ?? false).to.equal(false);
  });

  it('selects whole trees of partitions and inheritance, and refuses a part of one', () => {
    const trees = catalogOf('trees');
    const whole = planFrom(trees, { tables: 'readings,animals' });
    expect(whole.plan!.tables.map(({ name }) => name)).to.deep.equal([
      'public.readings_2024',
      'public.readings_rest',
      'public.animals',
      'public.dogs',
    ]);
    expect(findingsOf(planFrom(trees, { tables: 'readings_2024,dogs' }))).to.include.members([
      'error tree-incomplete public.readings_2024',
      'error tree-incomplete public.dogs',
    ]);
  });

  it('refuses unknown names and views', () => {
    expect(findingsOf(planFrom(code, { tables: 'tassks,open_tasks' }))).to.include.members([
      'error table-not-found tassks',
      'error not-a-table public.open_tasks',
    ]);
  });
});

describe('dependency graph', () => {
  const edges = new Map<Key, Set<Key>>([
    ['a:1', new Set<Key>(['b:2', 'c:3'])],
    ['b:2', new Set<Key>(['d:4'])],
    ['c:3', new Set<Key>(['d:4', 'a:1'])],
  ]);

  it('reaches everything behind an object, and stops where it is told', () => {
    expect([...reach(edges, ['b:2'], () => false)]).to.deep.equal(['d:4']);
    expect([...reach(edges, ['a:1'], (key) => key === 'b:2' || key === 'c:3')]).to.have.members([
      'b:2',
      'c:3',
    ]);
  });

  it('sorts needs before the objects that need them, also in a circle', () => {
    expect(sortByNeed(['a:1', 'b:2', 'c:3', 'd:4'], edges)).to.deep.equal(['d:4', 'b:2', 'c:3', 'a:1']);
  });
});
