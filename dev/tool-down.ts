import pg from 'pg';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { namesOf } from '../contracts/naming.ts';
import { parseSettings } from '../contracts/settings.ts';
import { ensureMigrationsTable, revertNewest } from '../monolith/server/host/migrations.ts';
import { findTool } from '../monolith/server/host/read-tools.ts';
import { withSetUpLock } from '../monolith/server/host/set-up-database.ts';
import { resolveDatabase } from '../registry-api/store/embedded/index.ts';
import { quoteName } from '../registry-api/store/sql.ts';
import { findRepositoryRoot } from '../templating/repository-root.ts';

/**
 * `node dev/tool-down.ts --tool-id=ID`: rolls back every applied migration of a tool, newest first, and drops
 * the tool's role. Prints the names of the migrations as a JSON list. Used by `gulp scaffold:undo`.
 */
const { 'tool-id': toolId } = parseProgramFlags('tool-down', process.argv.slice(2), {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'tool whose migrations are rolled back' },
});
const root = findRepositoryRoot(process.cwd());
const { url } = await resolveDatabase(parseSettings(process.env), root);
const admin = new pg.Pool({ connectionString: url, max: 2 });
try {
  process.stdout.write(`${JSON.stringify(await rollBackAll())}\n`);
} finally {
  await admin.end();
}

async function rollBackAll(): Promise<string[]> {
  const tool = findTool(root, toolId);
  if (tool === null) return [];
  return withSetUpLock(admin, async (db) => {
    await ensureMigrationsTable(db);
    const names: string[] = [];
    for (;;) {
      const name = await revertNewest(db, tool);
      if (name === null) break;
      names.push(name);
    }
    const role = namesOf(toolId).monolithRole;
    const { rowCount } = await db.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (rowCount !== 1) return names;
    // Open pools would keep the dropped role's OID, and fail when a new role gets its name
    await db.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
    await db.query(`DROP OWNED BY ${quoteName(role)}; DROP ROLE ${quoteName(role)}`);
    return names;
  });
}
