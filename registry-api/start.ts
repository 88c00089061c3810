import path from 'node:path';
import type { Pool } from 'pg';
import type { Settings } from '../contracts/settings.ts';
import { createRegistryApp, type RegistryApp, type RegistryOptions } from './app.ts';
import { openKeys, type KeyStore } from './auth/keys.ts';
import { resolveDatabase } from './store/embedded/index.ts';
import { migrate, MIGRATIONS } from './store/migrate.ts';
import { createPool } from './store/pool.ts';
import { waitForDatabase, type WaitOptions } from './store/wait.ts';

export interface StartedRegistry {
  readonly app: RegistryApp;
  readonly pool: Pool;
  readonly keys: KeyStore;
  readonly databaseUrl: string;
  /** Closes everything opened here. The embedded PostgreSQL is shared and keeps running. */
  close(): Promise<void>;
}

export type StartOptions = Pick<RegistryOptions, 'jobRunner' | 'onFault' | 'version' | 'readiness'> & {
  readonly settings: Settings;
  /** Absolute path of the repository. */
  readonly root: string;
  /** How long to wait for an external PostgreSQL. Default 1 minute. */
  readonly waitMs?: number;
  readonly onWait?: WaitOptions['onWait'];
};

/**
 * Starts a registry: waits for the database, migrates it, opens the keys, builds the routes.
 *
 * @throws PlatformError `database-unreachable` or `migration-failed`.
 */
export async function startRegistry(options: StartOptions): Promise<StartedRegistry> {
  const { settings, root, waitMs, onWait } = options;
  const { url } = await waitForDatabase(() => resolveDatabase(settings, root), {
    ...(waitMs !== undefined && { patienceMs: waitMs }),
    ...(onWait && { onWait }),
  });
  await migrate(url, MIGRATIONS);
  const pool = createPool(url, { max: 20, onIdleError: (error) => options.onFault?.(error) });
  const stateDir = path.resolve(root, settings.stateDir);
  const keys = openKeys(stateDir);
  await keys.jwks(); // created now, so that a read-only state folder fails the start and not a request
  const app = createRegistryApp({ ...options, stateDir, pool, databaseUrl: url, keys });
  return {
    app,
    pool,
    keys,
    databaseUrl: url,
    async close() {
      await app.close();
      await pool.end();
    },
  };
}
