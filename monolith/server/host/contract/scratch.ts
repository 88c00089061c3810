import path from 'node:path';
import pg from 'pg';
import { readSqlFiles } from '../../../../registry-api/store/sql-migrations.ts';
import { loginOf } from '../database/database-address.ts';
import type { ToolLogin } from '../process/messages.ts';
import type { ToolFolder } from '../read-tools.ts';

const SCHEMA = 'contract';

/**
 * Fills the empty database at `url` with the tool's migrations and seeds, in a schema of their own. Returns the login.
 *
 * @param setUp SQL that makes ids and times predictable: `tests/contract/scratch.sql` of the exported service
 */
export async function fillScratch(url: string, tool: ToolFolder, setUp: string): Promise<ToolLogin> {
  const options = `-c search_path=${SCHEMA},pg_catalog,public -c timezone=UTC -c datestyle=ISO`;
  const login = { ...loginOf(url), options };
  const client = new pg.Client({ connectionString: url, options });
  client.on('error', () => undefined); // a broken connection fails the next statement instead of the process
  await client.connect();
  const run = (sql: string, name: string): Promise<unknown> =>
    client.query(sql).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`);
    });
  try {
    await run(`CREATE SCHEMA ${SCHEMA}`, 'scratch schema');
    await run(setUp, 'scratch.sql');
    for (const folder of ['migrations', 'seeds'])
      for (const { name, sql } of await readSqlFiles(path.join(tool.folder, 'database', folder)))
        await run(sql, name);
    return login;
  } finally {
    await client.end();
  }
}
