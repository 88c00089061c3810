import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  compareTodo,
  entryOf,
  readTodo,
  TODO_FILE,
  writeTodo,
} from '../../../../exporter/commands/boundaries/todo.ts';
import type { Coupling } from '../../../../inspection/index.ts';

const COUPLING: Coupling = {
  kind: 'table',
  from: 'shop',
  to: 'people',
  name: 'users',
  access: 'read',
  file: 'src/shop/x.js',
  lines: [3, 9],
  through: null,
  calls: null,
};
const OF_DATABASE: Coupling = {
  ...COUPLING,
  kind: 'foreign-key',
  name: 'k',
  access: null,
  file: null,
  lines: [],
};

describe('the list of known couplings', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'boundaries-todo-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const compared = (now: readonly Coupling[], withDatabase = true): readonly [number, number] => {
    const { added, stale } = compareTodo([COUPLING, OF_DATABASE].map(entryOf), now, withDatabase);
    return [added.length, stale.length];
  };

  it('finds nothing new in the couplings that it was written from, at whatever lines', async () => {
    await writeTodo(root, [COUPLING, OF_DATABASE], true);
    const moved = { ...COUPLING, lines: [30, 90] };
    expect(compareTodo(readTodo(root), [moved, OF_DATABASE], true)).to.deep.equal({ added: [], stale: [] });
  });

  it('refuses one more place, a write instead of a read, and another file', () => {
    expect(compared([{ ...COUPLING, lines: [3, 9, 12] }, OF_DATABASE])).to.deep.equal([1, 0]);
    expect(compared([{ ...COUPLING, access: 'write' }, OF_DATABASE])).to.deep.equal([1, 1]);
    expect(compared([COUPLING, { ...COUPLING, file: 'y.js' }, OF_DATABASE])).to.deep.equal([1, 0]);
  });

  it('reports an entry as stale when a place is gone, and when all are', () => {
    expect(compared([{ ...COUPLING, lines: [3] }, OF_DATABASE])).to.deep.equal([0, 1]);
    expect(compared([OF_DATABASE])).to.deep.equal([0, 1]);
    expect(compared([COUPLING])).to.deep.equal([0, 1]);
  });

  it('leaves entries of the database alone when no database is read', async () => {
    expect(compared([COUPLING], false)).to.deep.equal([0, 0]);
    await writeTodo(root, [COUPLING, OF_DATABASE], true);
    expect(await writeTodo(root, [], false)).to.equal(1);
    expect(readTodo(root)).to.deep.equal([entryOf(OF_DATABASE)]);
  });

  it('is empty without a file', () => {
    expect(readTodo(root)).to.deep.equal([]);
  });

  for (const [text, where] of [
    ['{', 'no list'],
    ['[]', 'no list'],
    ['{ "couplings": {} }', 'no list'],
    ['{ "couplings": [{ "kind": "table" }] }', '/couplings/0'],
  ] as const)
    it(`refuses a file with ${text}`, () => {
      writeFileSync(path.join(root, TODO_FILE), text);
      expect(() => readTodo(root))
        .to.throw(where)
        .with.property('code', 'usage');
      expect(readFileSync(path.join(root, TODO_FILE), 'utf8')).to.equal(text);
    });
});
