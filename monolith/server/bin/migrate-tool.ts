import path from 'node:path';
import type { ClientBase } from 'pg';
import { commandUsage, parseProgramFlags } from '../../../contracts/command-line.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseSettings, SettingsError } from '../../../contracts/settings.ts';
import { resolveDatabase } from '../../../registry-api/store/embedded/index.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { applyPending, revertNewest } from '../host/database/migrations.ts';
import { findTool, readManifest } from '../host/read-tools.ts';
import { prepareRoles } from '../host/database/set-up-database.ts';
import { withMigrationLock, withSetUpLock } from '../host/database/set-up-lock.ts';

const FLAGS = {
  'tool-id': {
    type: 'tool-id',
    value: 'ID',
    required: true,
    text: 'tool whose pending migrations, and in development mode seeds, are applied',
  },
  down: { type: 'boolean', text: 'roll back the newest migration, with the rows of its tables' },
  redo: { type: 'boolean', text: 'roll back the newest migration and apply it again' },
} as const;
const COMMAND = 'npm run tool:migrate --';

/** Migrates one tool by hand; the platform applies pending migrations by itself. */
async function main(): Promise<readonly string[]> {
  const { 'tool-id': id, down, redo } = parseProgramFlags(COMMAND, process.argv.slice(2), FLAGS);
  if (down && redo) throw commandUsage(COMMAND, ['--down and --redo exclude each other'], FLAGS);
  const root = findWorkspace(process.cwd());
  const tool = findTool(root, id);
  if (tool === null) throw new PlatformError('tool-not-found', `tools/${id}/manifest.json does not exist.`);
  const settings = parseSettings(process.env);
  const { url } = await resolveDatabase(settings, root);
  const manifest = await readManifest(tool);
  const { owner } = await withSetUpLock(url, async (db) => {
    await refuseExported(db, id);
    const secrets = path.resolve(root, settings.stateDir, 'secrets');
    return prepareRoles(db, tool, manifest, { url, secrets });
  });
  return withMigrationLock(url, async (db) => {
    const options = { owner, url, timeoutMs: 0 };
    const lines: string[] = [];
    if (down || redo) {
      const name = await revertNewest(db, tool, options);
      lines.push(name === null ? 'No migration is applied.' : `Reverted: ${name}`);
    }
    if (!down) {
      const seeds = settings.mode === 'development';
      const { applied, skipped } = await applyPending(db, tool, { ...options, seeds });
      lines.push(...applied.map((name) => `Applied: ${name}`));
      lines.push(...skipped.map(({ file, reason }) => `Skipped: ${file}\n  ${reason}`));
    }
    return lines.length === 0 ? ['Nothing to do.'] : lines;
  });
}

const EXPORTED = `SELECT EXISTS (SELECT FROM public.export_jobs j WHERE j.tool_id = t.tool_id
    AND j.status = 'completed' AND j.result->'completion'->>'finalizedAt' IS NOT NULL) AS final
  FROM public.tool_registry t WHERE t.tool_id = $1 AND t.is_exported`;

/** An exported tool's rows are in the service's database, and a rollback expects the monolith's tables unchanged. */
async function refuseExported(db: ClientBase, id: string): Promise<void> {
  const { rows: made } = await db.query<{ made: boolean }>(
    `SELECT to_regclass('public.tool_registry') IS NOT NULL AS made`,
  );
  if (made[0]?.made !== true) return; // no platform has run on this database yet, so no tool is exported
  const { rows } = await db.query<{ final: boolean }>(EXPORTED, [id]);
  const [exported] = rows;
  if (exported === undefined) return;
  const way = exported.final
    ? `Its export is completed: change the tables of its service instead, by migrations in apps/${id}-api.`
    : `Roll the export back first: npx gulp rollback --tool-id=${id}`;
  throw new PlatformError(
    'tool-in-use',
    `${id} is exported: its tables in the monolith must not change. ${way}`,
  );
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
