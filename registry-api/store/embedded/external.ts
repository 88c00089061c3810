import type { ClientBase } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import { withConnection } from '../with-connection.ts';

const OLDEST_VERSION = 150_000;

/**
 * Checks that the database of `DATABASE_URL` answers and is new enough.
 *
 * @throws PlatformError `database-unreachable`. The message never contains the password.
 */
export async function checkExternal(url: string): Promise<void> {
  let version: number;
  try {
    version = await withConnection({ connectionString: url, connectionTimeoutMillis: 5_000 }, versionOf);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new PlatformError(
      'database-unreachable',
      `${withoutPassword(url)} does not answer: ${why}. Start that PostgreSQL, correct DATABASE_URL, or unset it ` +
        'to use the embedded one.',
      { cause },
    );
  }
  if (version < OLDEST_VERSION)
    throw new PlatformError(
      'database-unreachable',
      `${withoutPassword(url)} is PostgreSQL ${Math.floor(version / 10_000)}; 15 or newer is needed. ` +
        'Point DATABASE_URL at a newer one, or unset it to use the embedded one.',
    );
}

async function versionOf(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  return rows[0]?.version ?? 0;
}

/** A database address without its password, for printing. */
function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  parsed.search = ''; // may contain a password too
  return parsed.toString();
}
