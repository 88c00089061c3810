import { parseFlags } from '../../../contracts/command-line.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import { writeOutput } from '../../../contracts/write-output.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { withConnection } from '../../../registry-api/store/with-connection.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { withDatabase } from '../../../extraction/index.ts';
import { SQL_FLAGS } from './sql-flags.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';

/** `gulp db:sql`: runs SQL as the platform's own database user, and prints the rows as lines of JSON. */
export async function runSql(argv: readonly string[]): Promise<void> {
  const { command, database } = parseFlags('db:sql', argv, SQL_FLAGS);
  const settings = parseSettings(process.env);
  const url = await openPlatformDatabase(
    { root: findWorkspace(process.cwd()), settings },
    { migrate: false },
  );
  const config = {
    connectionString: database === undefined ? url : withDatabase(url, database),
    application_name: 'gulp db:sql',
  };
  try {
    const results = await withConnection(config, async (client) => [await client.query(command)].flat());
    for (const { rows, command: word, rowCount } of results) {
      await writeOutput(rows.map((row: unknown) => `${JSON.stringify(row)}\n`).join(''));
      process.stderr.write(`${word}${rowCount === null ? '' : ` ${rowCount}`}\n`);
    }
  } catch (error) {
    throw new PlatformError('step-failed', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
