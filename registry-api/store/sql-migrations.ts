import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClientBase } from 'pg';

/** A file of SQL that is applied once. */
export interface SqlFile {
  readonly name: string;
  readonly sql: string;
  /** Content of the `.down.sql` beside it; `null` when there is none. */
  readonly down: string | null;
  readonly checksum: string;
}

/** Record of the applied files. */
export interface Ledger {
  /** Checksums by name; `null` for a file that was applied elsewhere: it is added to the ledger without being run. */
  read(): Promise<ReadonlyMap<string, string | null>>;
  add(file: SqlFile): Promise<unknown>;
  remove(name: string): Promise<unknown>;
}

export interface ApplyOptions {
  /** SQL that runs first in every transaction. */
  readonly prologue?: string;
  /** Accept files that were edited after they had been applied. Default: refuse them before any file runs. */
  readonly acceptEdited?: boolean;
  readonly onApplied?: (file: SqlFile) => void;
}

/** A file that fails, or that was edited after it had been applied. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly reason: 'failed' | 'edited';
  readonly file: string;
  /** @param line of a syntax error */
  constructor(reason: 'failed' | 'edited', file: string, line: number | null, cause?: unknown) {
    const what =
      reason === 'edited'
        ? 'was changed after it had been applied. Restore the file and put the change into a new migration.'
        : messageOf(cause);
    super(`${file}${line === null ? '' : `:${line}`}: ${what}`, { cause });
    this.reason = reason;
    this.file = file;
  }
}

/** Lets one process at a time migrate. The lock and the settings end with the connection. */
export async function lockMigrations(db: ClientBase, key: number): Promise<void> {
  await db.query('SET statement_timeout = 0; SET lock_timeout = 0');
  await db.query('SELECT pg_advisory_lock($1)', [key]);
}

const numberOf = (name: string): number => Number(/^\d+/.exec(name)?.[0] ?? Infinity);

/**
 * Orders files by the number that they begin with, then by name: `2-add-owner.sql` comes before `10-add-index.sql`, and
 * `seeds.sql` before `seeds_002_more.sql`.
 */
export function inOrder(a: string, b: string): number {
  const [first, second] = [numberOf(a), numberOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

/** The SQL files of a folder in order; none when the folder does not exist. */
export async function readSqlFiles(folder: string): Promise<readonly SqlFile[]> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
  const up = names.filter((name) => name.endsWith('.sql') && !name.endsWith('.down.sql')).sort(inOrder);
  return Promise.all(
    up.map(async (name) => {
      const sql = await read(name);
      const down = downName(name);
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name, sql, down: names.includes(down) ? await read(down) : null, checksum };
    }),
  );
}

/** @throws MigrationError when an applied file has another checksum than the ledger. */
export function refuseEdited(files: readonly SqlFile[], applied: ReadonlyMap<string, string | null>): void {
  const edited = files.find(({ name, checksum }) => (applied.get(name) ?? checksum) !== checksum);
  if (edited !== undefined) throw new MigrationError('edited', edited.name, null);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const downName = (name: string): string => name.replace(/\.sql$/, '.down.sql');

/**
 * Applies the files that the ledger does not have, in order, each in one transaction with its ledger row. Returns them.
 * @throws MigrationError
 */
export async function applySqlFiles(
  db: ClientBase,
  files: readonly SqlFile[],
  ledger: Ledger,
  options: ApplyOptions = {},
): Promise<readonly SqlFile[]> {
  const { prologue = '', acceptEdited = false, onApplied } = options;
  const applied = await ledger.read();
  if (!acceptEdited) refuseEdited(files, applied);
  const pending = files.filter(({ name }) => (applied.get(name) ?? null) === null);
  for (const file of pending) {
    await inTransaction(db, { name: file.name, sql: applied.has(file.name) ? '' : file.sql, prologue }, () =>
      ledger.add(file),
    );
    onApplied?.(file);
  }
  return pending;
}

/**
 * Runs the `.down.sql` of an applied file, in one transaction with the removal of its ledger row.
 * @throws MigrationError
 */
export async function revertSqlFile(
  db: ClientBase,
  file: Pick<SqlFile, 'name' | 'down'>,
  ledger: Ledger,
  { prologue = '' }: Pick<ApplyOptions, 'prologue'> = {},
): Promise<void> {
  const name = downName(file.name);
  if (file.down === null) throw new MigrationError('failed', name, null, new Error('does not exist'));
  await inTransaction(db, { name, sql: file.down, prologue }, () => ledger.remove(file.name));
}

async function inTransaction(
  db: ClientBase,
  { name, sql, prologue }: { readonly name: string; readonly sql: string; readonly prologue: string },
  record: () => Promise<unknown>,
): Promise<void> {
  await db.query('BEGIN');
  try {
    if (prologue !== '') await db.query(prologue);
    if (sql !== '') await db.query(undivided(db, sql));
    await record();
    await db.query('COMMIT');
  } catch (cause) {
    await db.query('ROLLBACK').catch(() => undefined);
    throw new MigrationError('failed', name, lineOf(cause, sql), cause);
  }
}

/** In a DO block PostgreSQL refuses COMMIT, ROLLBACK and SAVEPOINT, which would apply a part of the file. */
const undivided = (db: ClientBase, sql: string): string =>
  `DO ${db.escapeLiteral(`BEGIN EXECUTE ${db.escapeLiteral(sql)}; END`)}`;

/** Line of an error in the text itself; `null` for one in a function that the text calls. */
function lineOf(error: unknown, sql: string): number | null {
  const { internalPosition, internalQuery } = error as { internalPosition?: string; internalQuery?: string };
  if (internalPosition === undefined || internalQuery !== sql) return null;
  return sql.slice(0, Number(internalPosition)).split('\n').length;
}

/** The ledger in the table `schema_migrations` of a database that has one set of migrations. */
export function schemaLedger(db: Pick<ClientBase, 'query'>): Ledger & { create(): Promise<unknown> } {
  return {
    create: () =>
      db.query(
        `CREATE TABLE IF NOT EXISTS schema_migrations (
           name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
      ),
    async read() {
      const { rows } = await db.query<{ name: string; checksum: string }>(
        'SELECT name, checksum FROM schema_migrations ORDER BY name',
      );
      return new Map(rows.map((row) => [row.name, row.checksum]));
    },
    add: ({ name, checksum }) =>
      db.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [name, checksum]),
    remove: (name) => db.query('DELETE FROM schema_migrations WHERE name = $1', [name]),
  };
}
