import path from 'node:path';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { parseSettings } from '../contracts/settings.ts';
import { revertNewest } from '../monolith/server/host/database/migrations.ts';
import { findTool } from '../monolith/server/host/read-tools.ts';
import { prepareRoles } from '../monolith/server/host/database/set-up-database.ts';
import { withMigrationLock, withSetUpLock } from '../monolith/server/host/database/set-up-lock.ts';
import { dropToolRoles } from '../monolith/server/host/database/tool-roles.ts';
import { resolveDatabase } from '../registry-api/store/embedded/index.ts';
import { findWorkspace } from '../templating/roots.ts';

/**
 * `node dev/tool-down.ts --tool-id=ID`: rolls back every applied migration of a tool, newest first, and drops
 * the tool's roles. Prints the names of the migrations as a JSON list. Used by `gulp scaffold:undo`.
 */
const { 'tool-id': toolId } = parseProgramFlags('tool-down', process.argv.slice(2), {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'tool whose migrations are rolled back' },
});
const root = findWorkspace(process.cwd());
const settings = parseSettings(process.env);
const { url } = await resolveDatabase(settings, root);
process.stdout.write(`${JSON.stringify(await rollBackAll())}\n`);

async function rollBackAll(): Promise<string[]> {
  const tool = findTool(root, toolId);
  if (tool === null) return [];
  const secrets = path.resolve(root, settings.stateDir, 'secrets');
  const { owner } = await withSetUpLock(url, (db) =>
    prepareRoles(db, tool, { id: toolId }, { url, secrets }),
  );
  const names = await withMigrationLock(url, async (db) => {
    const reverted: string[] = [];
    for (;;) {
      const name = await revertNewest(db, tool, { owner, url, timeoutMs: 0 });
      if (name === null) return reverted;
      reverted.push(name);
    }
  });
  await withSetUpLock(url, (db) => dropToolRoles(db, toolId));
  return names;
}
