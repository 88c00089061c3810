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
  /** Pool of the platform's own role. */
  readonly admin: Pool;
  /** Address of the same database. */
  readonly url: string;
  /** Folder of the secrets. */
  readonly secrets: string;
  /** A tool that has moved out keeps its tables here as they were: nothing is applied to them. */
  readonly exported: boolean;
}

export interface ToolDatabase {
  readonly role: string;
  readonly password: string;
  readonly applied: readonly string[];
  /** Declared tables that no migration has made. */
  readonly missing: readonly string[];
}

/**
 * Brings a tool's part of the database up: its role, its migrations and seeds (as the platform's role, so that the
 * tool's own role can change no schema), its rights on exactly the declared tables. Safe to call twice; several
 * processes take turns.
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

/** Runs `work` on a connection that holds the lock of the tools' set-up; the lock goes with the connection. */
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
    db.release(failure); // after a failure the connection is closed, and the lock with it
  }
}
