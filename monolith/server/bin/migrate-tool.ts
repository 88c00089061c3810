import { parseArgs } from 'node:util';
import pg from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseSettings, SettingsError } from '../../../contracts/settings.ts';
import { resolveDatabase } from '../../../registry-api/store/embedded/index.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';
import { applyPending, ensureMigrationsTable, takeBackNewest } from '../host/migrations.ts';
import { findTool } from '../host/read-tools.ts';
import { withSetUpLock } from '../host/set-up-database.ts';

const USAGE = `npm run tool:migrate -- --tool-id=ID [--down | --redo]
  (default)  applies pending migrations and seeds
  --down     undoes the newest migration, and deletes the rows in its tables
  --redo     undoes the newest migration and applies it again`;

/** Migrates one tool by hand; the platform applies pending migrations by itself. */
async function main(): Promise<readonly string[]> {
  const { 'tool-id': id = '', down, redo } = parseFlags();
  const root = findRepositoryRoot(process.cwd());
  const tool = findTool(root, id);
  if (tool === null)
    throw new PlatformError('tool-not-found', `tools/${id}/manifest.json does not exist.\n${USAGE}`);
  const { url } = await resolveDatabase(parseSettings(process.env), root);
  const admin = new pg.Pool({ connectionString: url, max: 1 });
  try {
    return await withSetUpLock(admin, async (db) => {
      await ensureMigrationsTable(db);
      await refuseExported(db, id);
      const lines: string[] = [];
      if (down || redo) {
        const name = await takeBackNewest(db, tool);
        lines.push(name === null ? 'No migration is applied.' : `Undone: ${name}`);
      }
      if (!down) for (const name of await applyPending(db, tool)) lines.push(`Applied: ${name}`);
      return lines.length === 0 ? ['Nothing to do.'] : lines;
    });
  } finally {
    await admin.end();
  }
}

/**
 * The rows of an exported tool are in the database of its service, and a rollback expects the tables here
 * unchanged since the export.
 */
async function refuseExported(db: pg.PoolClient, id: string): Promise<void> {
  const { rows: made } = await db.query<{ made: boolean }>(
    `SELECT to_regclass('tool_registry') IS NOT NULL AS made`,
  );
  if (made[0]?.made !== true) return; // no platform has migrated this database, so nothing is exported
  const { rowCount } = await db.query('SELECT FROM tool_registry WHERE tool_id = $1 AND is_exported', [id]);
  if (rowCount !== 0)
    throw new PlatformError(
      'tool-in-use',
      `${id} is exported, so its tables in the monolith must not change. Roll the export back first: npx gulp rollback --tool-id=${id}`,
    );
}

function parseFlags(): { 'tool-id'?: string; down: boolean; redo: boolean } {
  const boolean = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      options: { 'tool-id': { type: 'string' }, down: boolean, redo: boolean },
    });
    if (values['tool-id'] !== undefined && !(values.down && values.redo)) return values;
  } catch (cause) {
    throw new PlatformError('usage', `${(cause as Error).message}\n${USAGE}`, { cause });
  }
  throw new PlatformError('usage', USAGE);
}

main().then(
  (lines) => {
    for (const line of lines) console.log(line);
  },
  (error: unknown) => {
    const known = error instanceof PlatformError || error instanceof SettingsError;
    console.error(known ? error.message : error);
    process.exitCode =
      error instanceof PlatformError ? error.exitCode : error instanceof SettingsError ? 2 : 1;
  },
);
