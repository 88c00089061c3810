import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express from 'express';
import { parseSettings } from '../../../contracts/settings.ts';
import { startRegistry, type StartedRegistry } from '../../../registry-api/start.ts';
import { createDatabase } from '../../support/postgres.ts';
import { SOURCE } from './scratch-repository.ts';

/** A registry with an empty database on a free port. */
export async function openRegistry(stateDir: string): Promise<{ port: number; close: () => Promise<void> }> {
  const url = await createDatabase();
  const settings = parseSettings({
    DATABASE_URL: url,
    PLATFORM_STATE_DIR: path.join(stateDir, '.platform'),
    LOG_LEVEL: 'silent',
  });
  const registry: StartedRegistry = await startRegistry({ settings, root: SOURCE });
  const server = createServer(express().use(registry.app.router)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await registry.close();
    },
  };
}
