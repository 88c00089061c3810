import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { withConnection } from './with-connection.ts';

/** Key of the advisory lock of migrations ("gpmg"). */
const LOCK = 0x67_70_6d_67;

interface MigrationFile {
  readonly name: string;
  readonly up: string;
  /** `null`: the migration cannot be undone. */
  readonly down: string | null;
  readonly checksum: string;
}

/**
 * Applies the pending migrations in `folder` (`0001_name.sql` with `0001_name.down.sql`) and returns their names.
 * Safe for any number of processes at once: one migrates, the others wait. Each migration runs in one transaction
 * with the row that records it.
 *
 * @throws PlatformError `migration-failed`: a file fails, was edited after it was applied, or is missing.
 */
export async function migrate(database: pg.Pool | string, folder: string): Promise<readonly string[]> {
  return exclusively(database, async (client) => {
    const files = await readMigrations(folder);
    const done = await applied(client);
    checkApplied(done, files, folder);
    const pending = files.filter((file) => !done.has(file.name));
    for (const file of pending)
      await inTransaction(client, file.name, async () => {
        await client.query(file.up);
        await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [
          file.name,
          file.checksum,
        ]);
      });
    return pending.map((file) => file.name);
  });
}

/**
 * Undoes, newest first, every migration after `downTo` (`null`: all), and returns their names.
 *
 * @throws PlatformError `migration-failed` when a file fails or does not exist.
 */
export async function migrateDown(
  database: pg.Pool | string,
  folder: string,
  downTo: string | null,
): Promise<readonly string[]> {
  return exclusively(database, async (client) => {
    const files = await readMigrations(folder);
    const done = await applied(client);
    checkApplied(done, files, folder);
    const back = files
      .filter((file) => done.has(file.name) && (downTo === null || file.name > downTo))
      .reverse();
    for (const file of back)
      await inTransaction(client, file.name, async () => {
        if (file.down === null) throw new Error(`${file.name.replace(/\.sql$/, '.down.sql')} does not exist`);
        await client.query(file.down);
        await client.query('DELETE FROM schema_migrations WHERE name = $1', [file.name]);
      });
    return back.map((file) => file.name);
  });
}

async function exclusively<T>(
  database: pg.Pool | string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const locked = async (client: pg.ClientBase): Promise<T> => {
    await client.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    return work(client);
  };
  // Ending the session releases the lock and resets the settings in any state.
  if (typeof database === 'string') return withConnection({ connectionString: database }, locked);
  const client = await database.connect();
  try {
    return await locked(client);
  } finally {
    client.release(true);
  }
}

async function inTransaction(client: pg.ClientBase, name: string, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlatformError('migration-failed', `Migration ${name}: ${why}${hint(why)} It was rolled back.`, {
      cause,
    });
  }
}

const hint = (why: string): string =>
  why.includes('extension "pg_trgm" is not available')
    ? '. Install PostgreSQL’s contrib package (Debian: postgresql-contrib).'
    : '.';

async function applied(client: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migrations',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function checkApplied(
  done: ReadonlyMap<string, string>,
  files: readonly MigrationFile[],
  folder: string,
): void {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const [name, checksum] of done) {
    const file = byName.get(name);
    if (file === undefined)
      throw new PlatformError(
        'migration-failed',
        `${path.join(folder, name)} is missing, but the database was migrated with it by a newer version. Use that version.`,
      );
    if (file.checksum !== checksum)
      throw new PlatformError(
        'migration-failed',
        `${path.join(folder, name)} was changed after it was applied. Restore it, and move the change to a new migration.`,
      );
  }
}

async function readMigrations(folder: string): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name));
  const ups = names.filter((name) => !name.endsWith('.down.sql')).sort();
  return Promise.all(
    ups.map(async (name) => {
      const up = await readFile(path.join(folder, name), 'utf8');
      const downName = name.replace(/\.sql$/, '.down.sql');
      const down = names.includes(downName) ? await readFile(path.join(folder, downName), 'utf8') : null;
      return { name, up, down, checksum: createHash('sha256').update(up).digest('hex') };
    }),
  );
}
