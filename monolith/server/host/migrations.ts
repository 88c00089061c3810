import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClientBase } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolFolder } from './read-tools.ts';

type Kind = 'migration' | 'seed';

interface SqlFile {
  readonly kind: Kind;
  readonly name: string;
  /** Repository-relative. */
  readonly file: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Which migrations and seeds each tool has had: one row a file. */
const TABLE = `CREATE TABLE IF NOT EXISTS public.tool_migrations (
  tool_id    text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('migration', 'seed')),
  name       text NOT NULL,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tool_id, kind, name)
)`;

/** Call inside the session that holds the lock of the tools' set-up: CREATE TABLE IF NOT EXISTS alone may race. */
export async function ensureMigrationsTable(db: ClientBase): Promise<void> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('public.tool_migrations') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) await db.query(TABLE);
}

/**
 * Applies what the tool has not had yet: migrations by name, then seeds, each in a transaction of its own. Gives
 * back the names.
 * @throws PlatformError `step-failed` with file and line when one fails, or when one has changed since it ran.
 */
export async function applyPending(db: ClientBase, tool: ToolFolder): Promise<readonly string[]> {
  const applied = await appliedFiles(db, tool.id);
  const done: string[] = [];
  for (const file of await sqlFiles(tool)) {
    const checksum = applied.get(`${file.kind}/${file.name}`);
    if (checksum === undefined) {
      await inTransaction(db, file, async () => {
        await db.query(file.sql);
        await db.query(
          'INSERT INTO public.tool_migrations (tool_id, kind, name, checksum) VALUES ($1, $2, $3, $4)',
          [tool.id, file.kind, file.name, file.checksum],
        );
      });
      done.push(file.name);
    } else if (checksum !== file.checksum && file.kind === 'migration') {
      throw new PlatformError(
        'step-failed',
        `${file.file} has changed since it was applied. Put it back and add a new migration, or take it back ` +
          `(with its rows) and apply it again: npm run tool:migrate -- --tool-id=${tool.id} --redo`,
      );
    }
  }
  return done;
}

/**
 * Takes back the newest migration with its `.down.sql`, and lets the seeds run again after the next one. Gives
 * back its name, or `null` when none is applied.
 * @throws PlatformError when there is no way back, or it fails.
 */
export async function takeBackNewest(db: ClientBase, tool: ToolFolder): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT name FROM public.tool_migrations WHERE tool_id = $1 AND kind = 'migration' ORDER BY name COLLATE "C" DESC LIMIT 1`,
    [tool.id],
  );
  const name = rows[0]?.name;
  if (name === undefined) return null;
  const downName = name.replace(/\.sql$/, '.down.sql');
  const file = await readSql(tool, 'migration', downName).catch((cause: unknown) => {
    throw new PlatformError(
      'step-failed',
      `tools/${tool.id}/database/migrations/${downName} is missing: ${name} cannot be taken back.`,
      { cause },
    );
  });
  await inTransaction(db, file, async () => {
    await db.query(file.sql);
    await db.query(`DELETE FROM public.tool_migrations WHERE tool_id = $1 AND (name = $2 OR kind = 'seed')`, [
      tool.id,
      name,
    ]);
  });
  return name;
}

async function appliedFiles(db: ClientBase, toolId: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ kind: Kind; name: string; checksum: string }>(
    'SELECT kind, name, checksum FROM public.tool_migrations WHERE tool_id = $1',
    [toolId],
  );
  return new Map(rows.map((row) => [`${row.kind}/${row.name}`, row.checksum]));
}

async function sqlFiles(tool: ToolFolder): Promise<readonly SqlFile[]> {
  const files: SqlFile[] = [];
  for (const kind of ['migration', 'seed'] as const) {
    const names = await readdir(path.join(tool.folder, 'database', `${kind}s`)).catch(() => []);
    for (const name of names.filter((n) => n.endsWith('.sql') && !n.endsWith('.down.sql')).sort())
      files.push(await readSql(tool, kind, name));
  }
  return files;
}

async function readSql(tool: ToolFolder, kind: Kind, name: string): Promise<SqlFile> {
  const sql = await readFile(path.join(tool.folder, 'database', `${kind}s`, name), 'utf8');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { kind, name, sql, checksum, file: `tools/${tool.id}/database/${kind}s/${name}` };
}

async function inTransaction(db: ClientBase, file: SqlFile, work: () => Promise<void>): Promise<void> {
  await db.query('BEGIN');
  try {
    await db.query('SET LOCAL search_path = public');
    await work();
    await db.query('COMMIT');
  } catch (cause) {
    await db.query('ROLLBACK');
    const { message, position } = cause as { message: string; position?: string };
    const line = position === undefined ? '' : `:${file.sql.slice(0, Number(position)).split('\n').length}`;
    throw new PlatformError('step-failed', `${file.file}${line}: ${message}`, { cause });
  }
}
