#!/usr/bin/env node
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import closeWithGrace from 'close-with-grace';
import express from 'express';
import { pino } from 'pino';
import { PlatformError } from '../contracts/errors.ts';
import { parseSettings } from '../contracts/settings.ts';
import { REDACTED, requestLog } from './http/request-log.ts';
import { problemHandler } from './problem.ts';
import { startRegistry } from './start.ts';

/**
 * The registry without the platform: `node registry-api/server.ts` in the repository. Exports are then started
 * from the command line.
 */
const settings = parseSettings(process.env);
const log = pino({ level: settings.logLevel, redact: REDACTED });
const root = process.cwd();
const { version } = JSON.parse(await readFile(path.join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};
let stopping = false;

const registry = await startRegistry({
  settings,
  root,
  version,
  readiness: () => ({ ready: !stopping }),
  onFault: (err, requestId) => log.error({ err, requestId }, 'fault'),
  onWait: (err) => log.warn({ err }, 'waiting for the database'),
}).catch((error: unknown) => {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'cannot start');
  process.exit(error instanceof PlatformError ? error.exitCode : 1);
});

const app = express()
  .disable('x-powered-by')
  .set('trust proxy', ['loopback', ...(settings.trustedProxies ?? [])])
  .use(requestLog(log))
  .use(registry.app.router);
app.use((request) => {
  throw new PlatformError('not-found', `${request.path} does not exist. Browse the API at /docs.`);
});
app.use(problemHandler((err, requestId) => log.error({ err, requestId }, 'fault')));

const server = createServer(app);
server.requestTimeout = 30_000; // limits requests only, not event streams
server.headersTimeout = 10_000;
server.listen(settings.port, settings.host, () => log.info(server.address(), 'the registry listens'));

closeWithGrace({ delay: 15_000 }, async ({ err }) => {
  if (err !== undefined) log.error({ err }, 'stopping after a fault');
  stopping = true;
  await registry.app.close(); // event streams would keep the server open
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  await registry.close();
});
