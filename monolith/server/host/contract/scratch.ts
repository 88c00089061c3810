import path from 'node:path';
import pg from 'pg';
import { surviveLostConnections } from '../../../../contracts/host/database-pool.ts';
import { readSqlFiles } from '../../../../registry-api/store/sql-migrations.ts';
import type { ToolFolder } from '../read-tools.ts';

const SCHEMA = 'contract';

/**
 * A pool over the empty database at `url`, with the tool's migrations and seeds in a schema of their own.
 *
 * @param setUp SQL that makes ids and times predictable: `tests/contract/scratch.sql` of the exported service
 */
export async function openScratch(url: string, tool: ToolFolder, setUp: string): Promise<pg.Pool> {
  const options = `-c search_path=${SCHEMA},pg_catalog,public -c timezone=UTC -c datestyle=ISO`;
  const pool = new pg.Pool({ connectionString: url, options, max: 4 });
  // Dropping the database may cut connections that are about to close
  surviveLostConnections(pool, () => undefined);
  const run = (sql: string, name: string): Promise<unknown> =>
    pool.query(sql).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`);
    });
  try {
    await run(`CREATE SCHEMA ${SCHEMA}`, 'scratch schema');
    await run(setUp, 'scratch.sql');
    for (const folder of ['migrations', 'seeds'])
      for (const { name, sql } of await readSqlFiles(path.join(tool.folder, 'database', folder)))
        await run(sql, name);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}
