import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../contracts/naming.ts';
import { findPlatformContainer, mayHaveEngine } from '../adapters/docker/platform-container.ts';
import { openDatabase } from '../engine/open-database.ts';

type Place = Parameters<typeof openDatabase>[0];

/**
 * Address of the platform's database, for a command.
 * @throws PlatformError `platform-in-container` when the platform runs in containers and the command names no database:
 * it would start a second one, in which nothing is registered. `database-unreachable` when the platform runs as a process with a
 * database of its own that the command does not name.
 */
export async function openPlatformDatabase(
  place: Place,
  options: { readonly migrate: boolean },
): Promise<string> {
  if (place.settings.databaseUrl === null) await refuseSecondDatabase(place);
  return openDatabase(place, options);
}

async function refuseSecondDatabase({ root, settings }: Place): Promise<void> {
  const run = await runningProcess(path.resolve(root, settings.stateDir));
  if (typeof run?.database === 'string')
    throw new PlatformError(
      'database-unreachable',
      `The platform of this workspace runs with the database at ${run.database}, and this command would use another one. ` +
        'Set DATABASE_URL to the address of that database, with its user and password, and run the command again.',
    );
  if (run !== null || !mayHaveEngine(process.env)) return;
  const container = await findPlatformContainer(root);
  if (container === null) return;
  throw new PlatformError(
    'platform-in-container',
    `The platform of this workspace runs in containers, with a database of its own. ` +
      (container.databasePort === null
        ? `Publish the port of platform-db in ${COMPOSE_FILE}, and name the database with DATABASE_URL.`
        : `Name that database, and run the command again: export DATABASE_URL="${databaseUrl(container.databasePort)}"`) +
      '\nSee docs/docker.md, "Exports beside a platform in containers".',
  );
}

/** The shell reads the password, which no message shows. */
const databaseUrl = (port: number): string =>
  `postgresql://platform:$(docker compose -f ${COMPOSE_FILE} exec -T platform-db cat /run/platform/postgres-password)@127.0.0.1:${port}/platform`;

interface RunFile {
  readonly pid: number;
  /** Server and name; `null` for the embedded one, missing where an earlier version has written the file. */
  readonly database?: string | null;
}

/** The platform that runs as a process of this machine; `null`: none does. */
async function runningProcess(stateDir: string): Promise<RunFile | null> {
  try {
    const run = JSON.parse(await readFile(path.join(stateDir, 'run/platform.json'), 'utf8')) as RunFile;
    process.kill(run.pid, 0);
    return run;
  } catch {
    return null;
  }
}
