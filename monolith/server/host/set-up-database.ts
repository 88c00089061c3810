import path from 'node:path';
import type { Pool, PoolClient } from 'pg';
import type { Manifest } from '../../../contracts/manifest.ts';
import { namesOf } from '../../../contracts/naming.ts';
import { grantTables } from './grants.ts';
import { applyPending, ensureMigrationsTable } from './migrations.ts';
import { ensurePassword } from './password.ts';
import type { ToolFolder } from './read-tools.ts';
import { ensureRole } from './role.ts';

export interface ToolDatabaseOptions {
  /** Pool with the platform's own role. */
  readonly admin: Pool;
  /** Address of the same database. */
  readonly url: string;
  /** Folder of the secrets. */
  readonly secrets: string;
  /** The tables of an exported tool are left unchanged: no migration is applied. */
  readonly exported: boolean;
}

export interface ToolDatabase {
  readonly role: string;
  readonly password: string;
  readonly applied: readonly string[];
  /** Declared tables that no migration creates. */
  readonly missing: readonly string[];
}

/**
 * Creates a tool's role, applies its migrations and seeds, and grants the role exactly the declared tables. Migrations run as
 * the platform's role, so that the tool's own role can change no schema. Safe to call twice, and by several processes.
 */
export async function setUpDatabase(
  tool: ToolFolder,
  manifest: Manifest,
  { admin, url, secrets, exported }: ToolDatabaseOptions,
): Promise<ToolDatabase> {
  const role = namesOf(manifest.id).monolithRole;
  const password = await ensurePassword(path.join(secrets, `monolith-${tool.id}.password`));
  return withSetUpLock(admin, async (db) => {
    await ensureMigrationsTable(db);
    await ensureRole(db, { role, password, url });
    const applied = exported ? [] : await applyPending(db, tool);
    const missing = await grantTables(db, role, manifest.databaseSchema.tables);
    return { role, password, applied, missing };
  });
}

/** Runs `work` on a connection that holds the set-up lock of all tools. */
export async function withSetUpLock<T>(admin: Pool, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const db = await admin.connect();
  let failure: Error | undefined;
  try {
    await db.query(`SELECT pg_advisory_lock(hashtextextended('platform: set-up of tools', 0))`);
    return await work(db);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    if (failure === undefined) await db.query('SELECT pg_advisory_unlock_all()');
    db.release(failure); // closes the connection after a failure, which releases the lock
  }
}
