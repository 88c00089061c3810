import type { ClientBase } from 'pg';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { Manifest } from '../../../../contracts/manifest.ts';
import { prepareForOwner } from './adopt-objects.ts';
import { grantDeclaredTables, grantSharedTables, shareTables } from './declared-grants.ts';
import { appliedSql, applyPending, hasPending, type Applied, type SkippedSeed } from './migrations.ts';
import { ensureMigrationsTable } from './migrations-table.ts';
import type { ToolFolder } from '../read-tools.ts';
import { withMigrationLock, withSetUpLock } from './set-up-lock.ts';
import type { Login } from './role.ts';
import { ensureToolRoles, type ToolRoles } from './tool-roles.ts';

/** Tools with pending migrations start one after the other; a file that takes longer is applied by hand. */
const MIGRATION_TIMEOUT_MS = 120_000;

export interface ToolDatabaseOptions {
  /** Address of the platform's database, with the platform's own login. */
  readonly url: string;
  /** Folder of the secrets. */
  readonly secrets: string;
  /** The tables of an exported tool are left unchanged: no migration is applied. */
  readonly exported: boolean;
  /** Whether to insert the sample rows of the tool. */
  readonly seeds: boolean;
}

export interface ToolDatabase extends Login {
  readonly applied: readonly string[];
  readonly skipped: readonly SkippedSeed[];
  /** Declared tables that no migration creates. */
  readonly missing: readonly string[];
}

/**
 * Creates a tool's roles, applies its migrations as the role that owns the tool's objects, and grants the other role
 * exactly the declared tables. Safe to call twice, and by several processes. Waits for earlier calls without a time limit.
 * @throws PlatformError `step-failed` when a migration fails; `manifest-invalid` when the tool declares a table that it
 * neither owns nor may share.
 */
export async function setUpDatabase(
  tool: ToolFolder,
  manifest: Manifest,
  { url, secrets, exported, seeds }: ToolDatabaseOptions,
): Promise<ToolDatabase> {
  const { roles, pending } = await withSetUpLock(url, async (db) => {
    const prepared = await prepareRoles(db, tool, manifest, { url, secrets });
    await grantSharedTables({ db, tool, manifest, roles: prepared });
    return { roles: prepared, pending: !exported && (await hasPending(db, tool, { seeds })) };
  });
  const { applied, skipped }: Applied = pending
    ? await withMigrationLock(url, (db) =>
        applyPending(db, tool, { owner: roles.owner, url, seeds, timeoutMs: MIGRATION_TIMEOUT_MS }),
      )
    : { applied: [], skipped: [] };
  const { missing, refused } = await withSetUpLock(url, async (db) => {
    const work = { db, tool, manifest, roles };
    const granted = await grantDeclaredTables(work);
    await shareTables(work);
    return granted;
  });
  if (refused.length > 0)
    throw new PlatformError(
      'manifest-invalid',
      refused.map((p) => `tools/${tool.id}/manifest.json ${p.pointer}: ${p.message}`).join('\n'),
      { errors: refused },
    );
  return { ...roles.runtime, applied, skipped, missing };
}

/** The roles of a tool, ready for its migrations. Call with the set-up lock. */
export async function prepareRoles(
  db: ClientBase,
  tool: ToolFolder,
  { id }: Pick<Manifest, 'id'>,
  { url, secrets }: Pick<ToolDatabaseOptions, 'url' | 'secrets'>,
): Promise<ToolRoles> {
  await ensureMigrationsTable(db);
  const roles = await ensureToolRoles(db, { toolId: id, secrets, url });
  await prepareForOwner(db, roles.owner.role, () => appliedSql(db, tool));
  return roles;
}
