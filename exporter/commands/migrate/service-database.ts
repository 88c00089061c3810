import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import { COMPOSE_FILE, namesOf } from '../../../contracts/naming.ts';
import type { Runtime } from '../../../contracts/plan.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { withConnection } from '../../../registry-api/store/with-connection.ts';
import { createEngine, pingEngine } from '../../adapters/docker/engine.ts';
import { projectNameOf } from '../../adapters/docker/project.ts';
import { containersOf } from '../../adapters/docker/service-containers.ts';

/** The database of a service, as its migrator role reaches it from this machine. */
export interface ServiceDatabase {
  /** Without the password. */
  readonly url: string;
  /** Absolute path. */
  readonly passwordFile: string;
  /** What to do when it does not answer. */
  readonly remedy: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const POSTGRES_PORT = 5432;

/** @throws PlatformError `engine-unavailable`, or `database-unreachable` when its container does not run */
export async function findServiceDatabase(question: {
  readonly root: string;
  readonly settings: Settings;
  readonly toolId: ToolId;
  readonly runtime: Runtime;
  readonly platformUrl: string;
}): Promise<ServiceDatabase> {
  const { root, settings, toolId, runtime, platformUrl } = question;
  const names = namesOf(toolId);
  const passwordFile = path.resolve(root, settings.stateDir, 'secrets', names.secrets.migrator);
  const at = (host: string, port: string | number, search = ''): string =>
    `postgresql://${names.migratorRole}@${host}:${port}/${names.database}${search}`;
  if (runtime === 'local') {
    const { hostname, port, search } = new URL(platformUrl);
    const url = at(hostname, port || POSTGRES_PORT, search);
    return { url, passwordFile, remedy: 'Start the server of the platform, and run the command again.' };
  }
  const engine = createEngine();
  await pingEngine(engine);
  const [container] = await containersOf(engine, { project: projectNameOf(root), service: names.db });
  const port = container?.Ports.find(({ PrivatePort }) => PrivatePort === POSTGRES_PORT)?.PublicPort;
  const remedy = `Start it, and run the command again: docker compose -f ${COMPOSE_FILE} up --detach --wait ${names.db}`;
  if (port === undefined)
    throw new PlatformError(
      'database-unreachable',
      `The container of ${names.db} does not run, or publishes no port. ${remedy}`,
    );
  return { url: at('127.0.0.1', port), passwordFile, remedy };
}

/** Connects once. @throws PlatformError `database-unreachable` */
export async function refuseUnreachable({ url, passwordFile, remedy }: ServiceDatabase): Promise<void> {
  try {
    const login = new URL(url);
    login.password = encodeURIComponent((await readFile(passwordFile, 'utf8')).trimEnd());
    const config = { connectionString: login.href, connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
    await withConnection({ ...config, application_name: 'migrate' }, (client) => client.query('SELECT 1'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlatformError(
      'database-unreachable',
      `The service's database at ${url} does not answer: ${reason}. ${remedy}`,
      { cause: error },
    );
  }
}
