import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';

export interface ScratchDatabase {
  readonly pool: pg.Pool;
  /** Closes the pool and drops the schema. */
  close(): Promise<void>;
}

/** A new schema in `TEST_DATABASE_URL`, with the tool's migrations applied. */
export async function openScratchDatabase(): Promise<ScratchDatabase> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined || url === '')
    throw new Error(
      'TEST_DATABASE_URL is not set: give the address of a PostgreSQL database that may be written to.',
    );
  const schema = `scratch_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 4 });
  await migrate(pool);
  return {
    pool,
    async close() {
      await pool.end();
      await admin.query(`DROP SCHEMA ${pg.escapeIdentifier(schema)} CASCADE`);
      await admin.end();
    },
  };
}

async function migrate(pool: pg.Pool): Promise<void> {
  const folder = new URL('../../database/migrations/', import.meta.url);
  const names = (await readdir(folder))
    .filter((n) => n.endsWith('.sql') && !n.endsWith('.down.sql'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const name of names) await pool.query(await readFile(new URL(name, folder), 'utf8'));
}

/** Applies the tool's seeds as the platform does. */
export async function seed(pool: pg.Pool): Promise<void> {
  const folder = new URL('../../database/seeds/', import.meta.url);
  for (const name of (await readdir(folder)).sort())
    await pool.query(await readFile(new URL(name, folder), 'utf8'));
}
