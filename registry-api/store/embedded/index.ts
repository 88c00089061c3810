import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { quoteName } from '../sql.ts';
import { withConnection } from '../with-connection.ts';
import { checkExternal } from './external.ts';
import {
  hasEndedUnexpectedly,
  initialise,
  runningPort,
  start,
  stop,
  superuserPassword,
  type ServerSettings,
} from './cluster.ts';
import { withLockFile } from '../lock-file.ts';
import { findPlaces, passwordFileOf, type Places } from './places.ts';

export interface ResolvedDatabase {
  /** URL of the platform database with credentials: for connecting, never for printing. */
  readonly url: string;
  readonly embedded: boolean;
}

/** Name of the platform's database in the embedded cluster. */
const PLATFORM_DATABASE = 'platform';

/**
 * The platform database: the one of `DATABASE_URL`, or the embedded cluster, created and started if necessary.
 * Safe for several processes at once; the cluster outlives them all.
 *
 * @throws PlatformError `database-unreachable` with the next step.
 */
export async function resolveDatabase(settings: Settings, root: string): Promise<ResolvedDatabase> {
  if (settings.databaseUrl !== null) {
    await checkExternal(settings.databaseUrl);
    return { url: settings.databaseUrl, embedded: false };
  }
  return { url: await startEmbedded(path.resolve(root, settings.stateDir)), embedded: true };
}

/** Starts the embedded cluster of a state folder unless it runs; returns the URL of its platform database. */
export async function startEmbedded(stateDir: string, extra: ServerSettings = {}): Promise<string> {
  try {
    return await locked(stateDir, async () => {
      const port = (await portOfRunning(stateDir)) ?? (await startIn(await findPlaces(stateDir), extra));
      const password = await superuserPassword(passwordFileOf(stateDir));
      const base = `postgresql://postgres:${password}@127.0.0.1:${port}`;
      await ensureDatabase(`${base}/postgres`);
      return `${base}/${PLATFORM_DATABASE}`;
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlatformError(
      'database-unreachable',
      `The embedded PostgreSQL below ${stateDir} is not available: ${why}\n` +
        'Correct it, or set DATABASE_URL to a PostgreSQL 15 or newer.',
      { cause },
    );
  }
}

/** Looking for the places calls four programs when root runs it, which a server that runs does not need. */
async function portOfRunning(stateDir: string): Promise<number | null> {
  const data = path.join(stateDir, 'postgres');
  return (await isFolder(data)) ? runningPort(data) : null;
}

async function startIn(places: Places, extra: ServerSettings): Promise<number> {
  await initialise(places);
  return start(places, extra);
}

/** `false` for a link to a cluster outside of the state folder, whose owner is checked at each use. */
const isFolder = (file: string): Promise<boolean> =>
  lstat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Stops the embedded cluster of this repository; returns whether one was running. Safe to call twice. */
export async function stopEmbedded(settings: Settings, root: string): Promise<boolean> {
  return stopCluster(path.resolve(root, settings.stateDir));
}

/** Whether the embedded cluster has ended without being stopped. */
export async function hasCrashed(settings: Settings, root: string): Promise<boolean> {
  const stateDir = path.resolve(root, settings.stateDir);
  return locked(stateDir, async () => hasEndedUnexpectedly(await findPlaces(stateDir)));
}

/** Stops the embedded cluster of a state folder. */
export async function stopCluster(stateDir: string): Promise<boolean> {
  return locked(stateDir, async () => stop(await findPlaces(stateDir)));
}

async function locked<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  const run = path.join(stateDir, 'run');
  await mkdir(run, { recursive: true });
  return withLockFile(path.join(run, 'postgres.lock'), work);
}

const CANNOT_CONNECT_NOW = '57P03'; // starting up or in recovery (PostgreSQL manual, appendix A)
const RECOVERY_PATIENCE_MS = 120_000;

async function ensureDatabase(url: string): Promise<void> {
  const deadline = performance.now() + RECOVERY_PATIENCE_MS;
  for (;;) {
    try {
      await withConnection({ connectionString: url, connectionTimeoutMillis: 10_000 }, async (client) => {
        const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [PLATFORM_DATABASE]);
        if (found.rowCount === 0) await client.query(`CREATE DATABASE ${quoteName(PLATFORM_DATABASE)}`);
        await keepOthersOut(client);
      });
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== CANNOT_CONNECT_NOW || performance.now() > deadline)
        throw error;
      await sleep(200);
    }
  }
}

/**
 * Roles of tools and services connect to no database of the cluster but their own. On a server of DATABASE_URL, PUBLIC
 * keeps its rights, because other users may rely on them.
 */
async function keepOthersOut(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ database: string }>(
    `SELECT DISTINCT d.datname AS database
       FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS acl
      WHERE d.datname = ANY ($1) AND acl.grantee = 0 AND acl.privilege_type = 'CONNECT'`,
    [[PLATFORM_DATABASE, 'postgres', 'template1']],
  );
  if (rows.length === 0) return;
  const { rows: tools } = await client.query<{ role: string }>(
    `SELECT rolname AS role FROM pg_roles WHERE starts_with(rolname, 'tool_') AND NOT rolsuper`,
  );
  // Tools of a platform that is running already
  for (const { role } of tools)
    await client.query(`GRANT CONNECT ON DATABASE ${quoteName(PLATFORM_DATABASE)} TO ${quoteName(role)}`);
  for (const { database } of rows)
    await client.query(`REVOKE CONNECT ON DATABASE ${quoteName(database)} FROM PUBLIC`);
}
