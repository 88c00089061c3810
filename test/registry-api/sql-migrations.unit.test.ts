import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { ClientBase } from 'pg';
import {
  applySqlFiles,
  MigrationError,
  readSqlFiles,
  revertSqlFile,
  type Ledger,
  type SqlFile,
} from '../../registry-api/store/sql-migrations.ts';

const file = (name: string, down: string | null = null): SqlFile => ({
  name,
  sql: `run ${name}`,
  down,
  checksum: `sum of ${name}`,
});
const FILES = [file('001.sql', 'drop 001'), file('002.sql'), file('003.sql')];

/** A database that logs statements and fails the one given, and a ledger in memory. */
function database(
  applied: [string, string | null][],
  failing = '',
): { db: ClientBase; log: string[]; ledger: Ledger } {
  const log: string[] = [];
  const query = (statement: string): Promise<unknown> => {
    const sql = /^DO <BEGIN EXECUTE <(.*)>; END>$/.exec(statement)?.[1] ?? statement;
    log.push(sql);
    return sql === failing
      ? Promise.reject(Object.assign(new Error('no'), { internalPosition: '3', internalQuery: sql }))
      : Promise.resolve();
  };
  const escapeLiteral = (text: string): string => `<${text}>`;
  const note = (text: string): Promise<unknown> => Promise.resolve(log.push(text));
  const ledger: Ledger = {
    read: () => Promise.resolve(new Map(applied)),
    add: ({ name }) => note(`add ${name}`),
    remove: (name) => note(`remove ${name}`),
  };
  return { db: { query, escapeLiteral } as unknown as ClientBase, log, ledger };
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('the runner of SQL migrations', () => {
  it('applies pending files in order, each in one transaction with its ledger row', async () => {
    const { db, log, ledger } = database([['001.sql', 'sum of 001.sql']]);
    const done = await applySqlFiles(db, FILES, ledger, { prologue: 'SET x' });
    expect(done.map(({ name }) => name)).to.deep.equal(['002.sql', '003.sql']);
    const one = (name: string): string[] => ['BEGIN', 'SET x', `run ${name}`, `add ${name}`, 'COMMIT'];
    expect(log).to.deep.equal([...one('002.sql'), ...one('003.sql')]);
  });

  it('orders files by number, with and without leading zeros, and then by name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sql-'));
    const names = [
      '1-create.sql',
      '02-add-owner.sql',
      '9-drop-owner.sql',
      '10-add-index.sql',
      '0011_last.sql',
      'crm-seed-data.sql',
      'crm-seed-data_003_more.sql',
    ];
    try {
      for (const name of names) writeFileSync(path.join(folder, name), '');
      expect((await readSqlFiles(folder)).map(({ name }) => name)).to.deep.equal(names);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('records a file that was applied elsewhere without running it', async () => {
    const { db, log, ledger } = database([['001.sql', null]]);
    await applySqlFiles(db, FILES.slice(0, 1), ledger);
    expect(log).to.include('add 001.sql').and.not.include('run 001.sql');
  });

  it('refuses an edited file before it runs any other, unless edits are accepted', async () => {
    const { db, log, ledger } = database([['002.sql', 'another sum']]);
    expect(await failureOf(applySqlFiles(db, FILES, ledger))).to.include({
      reason: 'edited',
      file: '002.sql',
    });
    expect(log).to.deep.equal([]);
    const done = await applySqlFiles(db, FILES, ledger, { acceptEdited: true });
    expect(done.map(({ name }) => name)).to.deep.equal(['001.sql', '003.sql']);
  });

  it('rolls a failing file back, names its line and stops there', async () => {
    const { db, log, ledger } = database([], 'run 002.sql');
    const error = await failureOf(applySqlFiles(db, FILES, ledger));
    expect(error)
      .to.be.instanceOf(MigrationError)
      .and.include({ reason: 'failed', message: '002.sql:1: no' });
    expect(log.at(-1)).to.equal('ROLLBACK');
    expect(log).to.include('add 001.sql').and.not.include('add 002.sql');
  });

  it('reverts a file with its .down.sql, and refuses where there is none', async () => {
    const { db, log, ledger } = database([]);
    await revertSqlFile(db, FILES[0]!, ledger);
    expect(log).to.deep.equal(['BEGIN', 'drop 001', 'remove 001.sql', 'COMMIT']);
    expect(String(await failureOf(revertSqlFile(db, FILES[1]!, ledger)))).to.include(
      '002.down.sql: does not exist',
    );
  });
});
