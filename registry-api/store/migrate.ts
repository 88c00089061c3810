import path from 'node:path';
import type pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import {
  applySqlFiles,
  lockMigrations,
  MigrationError,
  readSqlFiles,
  refuseEdited,
  revertSqlFile,
  schemaLedger,
  type Ledger,
  type SqlFile,
} from './sql-migrations.ts';
import { withConnection } from './with-connection.ts';

/** Folder of the platform's own migrations, which come with this code. */
export const MIGRATIONS = path.resolve(import.meta.dirname, '../../migrations');

/** Key of the advisory lock of migrations ("gpmg"). */
const LOCK = 0x67_70_6d_67;

/**
 * Brings the database to the newest of the migrations in `folder` (`0001_name.sql` with `0001_name.down.sql`) and
 * returns the names of those applied. Safe for any number of processes at once: one works, the others wait and have
 * nothing to do. Each migration is one transaction together with the row that records it.
 *
 * @throws PlatformError `migration-failed`: a file fails, was edited after it was applied, or is missing.
 */
export async function migrate(database: pg.Pool | string, folder: string): Promise<readonly string[]> {
  return exclusively(database, folder, async (client, { files, ledger }) => {
    const done = await applySqlFiles(client, files, ledger);
    return done.map((file) => file.name);
  });
}

/**
 * Reverts, newest first, every migration after `downTo` (`null`: all of them), and returns their names.
 *
 * @throws PlatformError `migration-failed` when a file fails or has no `.down.sql`.
 */
export async function migrateDown(
  database: pg.Pool | string,
  folder: string,
  downTo: string | null,
): Promise<readonly string[]> {
  return exclusively(database, folder, async (client, { files, applied, ledger }) => {
    refuseEdited(files, applied);
    const reverted = files
      .filter((file) => applied.has(file.name) && (downTo === null || file.name > downTo))
      .reverse();
    for (const file of reverted) await revertSqlFile(client, file, ledger);
    return reverted.map((file) => file.name);
  });
}

interface State {
  readonly files: readonly SqlFile[];
  readonly applied: ReadonlyMap<string, string | null>;
  readonly ledger: Ledger;
}

async function exclusively<T>(
  database: pg.Pool | string,
  folder: string,
  work: (client: pg.ClientBase, state: State) => Promise<T>,
): Promise<T> {
  const locked = async (client: pg.ClientBase): Promise<T> => {
    await lockMigrations(client, LOCK);
    const ledger = schemaLedger(client);
    await ledger.create();
    const state = { ledger, files: await readMigrations(folder), applied: await ledger.read() };
    refuseNewer(state, folder);
    return work(client, state).catch((error: unknown) => {
      throw error instanceof MigrationError ? migrationFailed(error, folder) : error;
    });
  };
  // Ending the session releases the lock and the settings, whatever state it is in.
  if (typeof database === 'string') return withConnection({ connectionString: database }, locked);
  const client = await database.connect();
  try {
    return await locked(client);
  } finally {
    client.release(true);
  }
}

async function readMigrations(folder: string): Promise<readonly SqlFile[]> {
  const files = (await readSqlFiles(folder)).filter((file) => /^\d{4}_/.test(file.name));
  if (files.length === 0)
    throw new PlatformError(
      'migration-failed',
      `${folder} has no migrations. Install the package again, then start it again.`,
    );
  return files;
}

function refuseNewer({ files, applied }: State, folder: string): void {
  const names = new Set(files.map((file) => file.name));
  const missing = [...applied.keys()].find((name) => !names.has(name));
  if (missing !== undefined)
    throw new PlatformError(
      'migration-failed',
      `${path.join(folder, missing)} is missing, but the database has it: a newer version migrated the database. Use that version.`,
    );
}

function migrationFailed(error: MigrationError, folder: string): PlatformError {
  if (error.reason === 'edited')
    return new PlatformError(
      'migration-failed',
      `${path.join(folder, error.file)} was changed after it had been applied. Restore it, and put the change into a new migration.`,
    );
  const hint = error.message.includes('extension "pg_trgm" is not available')
    ? ' Install PostgreSQL’s contrib package (Debian: postgresql-contrib).'
    : '';
  return new PlatformError(
    'migration-failed',
    `Migration ${error.message}.${hint} Its changes were rolled back.`,
    { cause: error.cause },
  );
}
