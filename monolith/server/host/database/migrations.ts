import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClientBase } from 'pg';
import { PlatformError } from '../../../../contracts/errors.ts';
import {
  applySqlFiles,
  downName,
  MigrationError,
  inOrder,
  readSqlFiles,
  refuseEdited,
  revertSqlFile,
  type SqlFile,
} from '../../../../registry-api/store/sql-migrations.ts';
import { withConnection } from '../../../../registry-api/store/with-connection.ts';
import { asUser } from './database-address.ts';
import { readMigration } from './migration-statements.ts';
import { toolLedger, type MigrationKind } from './migrations-table.ts';
import { runPlatformStatements } from './platform-statements.ts';
import type { ToolFolder } from '../read-tools.ts';
import { ensureLogin, type Login } from './role.ts';

/** A tool's SQL names its tables without a schema. */
const PROLOGUE = 'SET LOCAL search_path = public';

export interface MigrationOptions {
  /** The role that owns the tool's objects. Migrations and seeds run with its login. */
  readonly owner: Login;
  /** Address of the platform's database. */
  readonly url: string;
  /** Longest time of one file in milliseconds; 0 for no limit. */
  readonly timeoutMs: number;
}

export interface SkippedSeed {
  /** Repository-relative. */
  readonly file: string;
  readonly reason: string;
}

export interface Applied {
  /** Names of the applied files. */
  readonly applied: readonly string[];
  readonly skipped: readonly SkippedSeed[];
}

/** @throws PlatformError `step-failed` when a migration was edited after it ran. */
export async function hasPending(
  db: ClientBase,
  tool: ToolFolder,
  { seeds }: { readonly seeds: boolean },
): Promise<boolean> {
  const migrations = await pendingFiles(db, tool, 'migration');
  return migrations.length > 0 || (seeds && (await pendingFiles(db, tool, 'seed')).length > 0);
}

/**
 * Applies the tool's pending migrations, each in a transaction of its own with its row in the ledger, then the pending
 * seeds where `seeds` is set. A seed that fails is rolled back and skipped, and tried again next time.
 *
 * @param db connection with the platform's own login and the lock of migrations
 * @throws PlatformError `step-failed` with file and line when a migration fails, or was edited after it ran.
 */
export async function applyPending(
  db: ClientBase,
  tool: ToolFolder,
  options: MigrationOptions & { readonly seeds: boolean },
): Promise<Applied> {
  const migrations = await pendingFiles(db, tool, 'migration');
  const seeds = options.seeds ? await pendingFiles(db, tool, 'seed') : [];
  if (migrations.length + seeds.length === 0) return { applied: [], skipped: [] };
  return asOwner(db, options, async (owner) => {
    const apply = (kind: MigrationKind, files: readonly SqlFile[]): Promise<void> =>
      applyFiles({ db, owner, tool, role: options.owner.role, kind, files });
    await apply('migration', migrations);
    const applied = migrations.map(({ name }) => name);
    const skipped: SkippedSeed[] = [];
    for (const seed of seeds)
      try {
        await apply('seed', [seed]);
        applied.push(seed.name);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        skipped.push({ file: placeOf(tool, 'seed', seed.name), reason: error.message });
      }
    return { applied, skipped };
  });
}

/**
 * Reverts the newest migration with its `.down.sql`, and lets the seeds run again after the next one. Returns its
 * name, or `null` when no migration is applied.
 * @throws PlatformError when the `.down.sql` is missing or fails.
 */
export async function revertNewest(
  db: ClientBase,
  tool: ToolFolder,
  options: MigrationOptions,
): Promise<string | null> {
  const name = [...(await toolLedger(db, tool.id, 'migration').read()).keys()].sort(inOrder).at(-1);
  if (name === undefined) return null;
  const down = downName(name);
  const text = await readFile(path.join(folderOf(tool, 'migration'), down), 'utf8').catch(
    (cause: unknown) => {
      throw new PlatformError(
        'step-failed',
        `${placeOf(tool, 'migration', down)} is missing: ${name} cannot be reverted.`,
        { cause },
      );
    },
  );
  await asOwner(db, options, async (owner) => {
    const place = { tool, kind: 'migration', role: options.owner.role } as const;
    const sql = await prepare(db, { name: down, sql: text }, place);
    const ledger = toolLedger(owner, tool.id, 'migration');
    await revertSqlFile(owner, { name, down: sql }, ledger, { prologue: PROLOGUE }).catch(
      (error: unknown) => {
        throw located(error, place);
      },
    );
  });
  return name;
}

/** The texts of the tool's applied migrations that still exist, in order. */
export async function appliedSql(db: ClientBase, tool: ToolFolder): Promise<readonly string[]> {
  const applied = await toolLedger(db, tool.id, 'migration').read();
  const files = await readSqlFiles(folderOf(tool, 'migration'));
  return files.filter(({ name }) => applied.has(name)).map(({ sql }) => sql);
}

async function pendingFiles(
  db: ClientBase,
  tool: ToolFolder,
  kind: MigrationKind,
): Promise<readonly SqlFile[]> {
  const files = await readSqlFiles(folderOf(tool, kind));
  if (files.length === 0) return [];
  const applied = await toolLedger(db, tool.id, kind).read();
  try {
    if (kind === 'migration') refuseEdited(files, applied);
  } catch (error) {
    throw located(error, { tool, kind, role: '' });
  }
  return files.filter(({ name }) => !applied.has(name));
}

async function asOwner<T>(
  db: ClientBase,
  { url, owner, timeoutMs }: MigrationOptions,
  work: (db: ClientBase) => Promise<T>,
): Promise<T> {
  await ensureLogin(db, owner, url);
  const login = asUser(url, owner.role, owner.password);
  const session = { application_name: 'platform:migrations', statement_timeout: timeoutMs };
  return withConnection({ ...login, ...session }, work);
}

interface Place {
  readonly tool: ToolFolder;
  readonly kind: MigrationKind;
  /** Role that runs the file. */
  readonly role: string;
}

interface ApplyFiles extends Place {
  /** With the platform's own login. */
  readonly db: ClientBase;
  /** With the owner's login. */
  readonly owner: ClientBase;
  readonly files: readonly SqlFile[];
}

async function applyFiles({ db, owner, files, ...place }: ApplyFiles): Promise<void> {
  const prepared: SqlFile[] = [];
  for (const file of files) prepared.push({ ...file, sql: await prepare(db, file, place) });
  const ledger = toolLedger(owner, place.tool.id, place.kind);
  const options = { prologue: PROLOGUE, acceptEdited: place.kind === 'seed' };
  await applySqlFiles(owner, prepared, ledger, options).catch((error: unknown) => {
    throw located(error, place);
  });
}

/** Runs what only the platform may create, and returns the rest of the file. */
async function prepare(
  db: ClientBase,
  file: Pick<SqlFile, 'name' | 'sql'>,
  { tool, kind, role }: Place,
): Promise<string> {
  const place = placeOf(tool, kind, file.name);
  const { sql, platform, transactionLine } = await readMigration(file.sql);
  if (transactionLine !== null)
    throw new PlatformError(
      'step-failed',
      `${place}:${transactionLine}: a file is applied in one transaction of the platform. Remove BEGIN, COMMIT, ROLLBACK ` +
        'and SAVEPOINT; split the file where its parts have to be committed one by one.',
    );
  await runPlatformStatements(db, platform, { owner: role, file: place });
  return sql;
}

const folderOf = (tool: ToolFolder, kind: MigrationKind): string =>
  path.join(tool.folder, 'database', `${kind}s`);

/** Repository-relative. */
const placeOf = (tool: ToolFolder, kind: MigrationKind, name: string): string =>
  `tools/${tool.id}/database/${kind}s/${name}`;

/** By SQLSTATE (PostgreSQL manual, appendix A). */
function hintFor(code: unknown, tool: ToolFolder, role: string): string {
  if (code === '42501')
    return `. The file runs as the role ${role}, which may change the tool's own objects and nothing else`;
  if (code === '57014')
    return `. Apply it by hand, without a time limit: npm run tool:migrate -- --tool-id=${tool.id}`;
  return '';
}

/** The error with the file's place in the repository. */
function located(error: unknown, { tool, kind, role }: Place): unknown {
  if (!(error instanceof MigrationError)) return error;
  const file = placeOf(tool, kind, error.file);
  if (error.reason === 'edited')
    return new PlatformError(
      'step-failed',
      `${file} has changed since it was applied. Restore it and add a new migration, or revert it ` +
        `(with its rows) and apply it again: npm run tool:migrate -- --tool-id=${tool.id} --redo`,
    );
  const hint = hintFor((error.cause as { code?: unknown } | undefined)?.code, tool, role);
  return new PlatformError('step-failed', `${placeOf(tool, kind, '')}${error.message}${hint}`, {
    cause: error.cause,
  });
}
