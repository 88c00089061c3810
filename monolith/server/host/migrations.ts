import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClientBase } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import {
  applySqlFiles,
  downName,
  MigrationError,
  readSqlFiles,
  revertSqlFile,
  type Ledger,
} from '../../../registry-api/store/sql-migrations.ts';
import type { ToolFolder } from './read-tools.ts';

const KINDS = ['migration', 'seed'] as const;
type Kind = (typeof KINDS)[number];

/** A tool's SQL names its tables without a schema. */
const PROLOGUE = 'SET LOCAL search_path = public';

/** Applied migrations and seeds of every tool, one row a file. */
const TABLE = `CREATE TABLE IF NOT EXISTS public.tool_migrations (
  tool_id    text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('migration', 'seed')),
  name       text NOT NULL,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tool_id, kind, name)
)`;

/** Call in the session that holds the set-up lock: concurrent CREATE TABLE IF NOT EXISTS statements may fail. */
export async function ensureMigrationsTable(db: ClientBase): Promise<void> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('public.tool_migrations') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) await db.query(TABLE);
}

/**
 * Applies the tool's pending files, migrations before seeds, each in a transaction of its own. Returns their names.
 * @throws PlatformError `step-failed` with file and line when a file fails, or a migration was edited after it ran.
 */
export async function applyPending(db: ClientBase, tool: ToolFolder): Promise<readonly string[]> {
  const applied: string[] = [];
  for (const kind of KINDS) {
    const files = await readSqlFiles(folderOf(tool, kind));
    const options = { prologue: PROLOGUE, acceptEdited: kind === 'seed' };
    const done = await applySqlFiles(db, files, ledgerOf(db, tool, kind), options).catch((error: unknown) => {
      throw located(error, tool, kind);
    });
    applied.push(...done.map((file) => file.name));
  }
  return applied;
}

/**
 * Reverts the newest migration with its `.down.sql`, and lets the seeds run again after the next one. Returns its
 * name, or `null` when no migration is applied.
 * @throws PlatformError when the `.down.sql` is missing or fails.
 */
export async function revertNewest(db: ClientBase, tool: ToolFolder): Promise<string | null> {
  const ledger = ledgerOf(db, tool, 'migration');
  const name = [...(await ledger.read()).keys()].sort().at(-1);
  if (name === undefined) return null;
  const file = path.join(folderOf(tool, 'migration'), downName(name));
  const down = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlatformError(
      'step-failed',
      `${placeOf(tool, 'migration', downName(name))} is missing: ${name} cannot be reverted.`,
      { cause },
    );
  });
  await revertSqlFile(db, { name, down }, ledger, { prologue: PROLOGUE }).catch((error: unknown) => {
    throw located(error, tool, 'migration');
  });
  return name;
}

const folderOf = (tool: ToolFolder, kind: Kind): string => path.join(tool.folder, 'database', `${kind}s`);

/** Repository-relative. */
const placeOf = (tool: ToolFolder, kind: Kind, name: string): string =>
  `tools/${tool.id}/database/${kind}s/${name}`;

function ledgerOf(db: ClientBase, { id }: ToolFolder, kind: Kind): Ledger {
  return {
    async read() {
      const { rows } = await db.query<{ name: string; checksum: string }>(
        'SELECT name, checksum FROM public.tool_migrations WHERE tool_id = $1 AND kind = $2',
        [id, kind],
      );
      return new Map(rows.map((row) => [row.name, row.checksum]));
    },
    add: ({ name, checksum }) =>
      db.query('INSERT INTO public.tool_migrations (tool_id, kind, name, checksum) VALUES ($1, $2, $3, $4)', [
        id,
        kind,
        name,
        checksum,
      ]),
    // Seeds fill the tables that migrations make, so they run again after a revert
    remove: (name) =>
      db.query(`DELETE FROM public.tool_migrations WHERE tool_id = $1 AND (name = $2 OR kind = 'seed')`, [
        id,
        name,
      ]),
  };
}

/** The error with the file's place in the repository. */
function located(error: unknown, tool: ToolFolder, kind: Kind): unknown {
  if (!(error instanceof MigrationError)) return error;
  const file = placeOf(tool, kind, error.file);
  if (error.reason === 'edited')
    return new PlatformError(
      'step-failed',
      `${file} has changed since it was applied. Restore it and add a new migration, or revert it ` +
        `(with its rows) and apply it again: npm run tool:migrate -- --tool-id=${tool.id} --redo`,
    );
  return new PlatformError('step-failed', `${placeOf(tool, kind, '')}${error.message}`, {
    cause: error.cause,
  });
}
