import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { parseSettings } from '../../contracts/settings.ts';
import { createRegistryApp } from '../../registry-api/app.ts';
import { openKeys } from '../../registry-api/auth/keys.ts';
import { createPool } from '../../registry-api/store/pool.ts';
import { TOOL_COLUMNS } from '../../registry-api/store/tool-row.ts';

/**
 * One of the two servers that are compared, in a process of its own:
 * `node bench/registry/serve.ts registry|bare <database url> <state folder>`. Tells its address over IPC.
 */
const [kind, databaseUrl = '', stateDir = ''] = process.argv.slice(2);
const pool = createPool(databaseUrl);
const app = express().disable('x-powered-by');

if (kind === 'registry') {
  const keys = openKeys(stateDir);
  app.use(createRegistryApp({ pool, databaseUrl, stateDir, keys, settings: parseSettings({}) }).router);
} else {
  app.get('/api/tools', async (_request, response) => {
    const { rows } = await pool.query(
      `SELECT ${TOOL_COLUMNS} FROM tool_registry ORDER BY lower(name), tool_id LIMIT 50`,
    );
    response.json({ data: rows });
  });
}

const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('disconnect', () => process.exit(0));
