import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import express, { type RequestHandler } from 'express';
import type pg from 'pg';
import { failureKind } from '../../../../contracts/host/failure-kind.ts';
import type { ToolLogger } from '../../../../contracts/tool-context.ts';
import { setCaller } from '../../../../registry-api/auth/principal.ts';
import { outliveReaders } from '../../../../registry-api/closed-output.ts';
import { refuseOutsideConnections } from '../contract/offline.ts';
import { describeLoadError } from '../load-backend.ts';
import { mountTool, openToolPool } from '../mount.ts';
import { requestId } from '../request-id.ts';
import { sendProblem } from '../tool-errors.ts';
import { decodeCaller } from './caller-header.ts';
import {
  CALLER_HEADER,
  SECRET_HEADER,
  type FromToolProcess,
  type ToolStart,
  type ToToolProcess,
} from './messages.ts';
import { watchOwnWork } from './own-work.ts';
import { watchPool } from './pool-watch.ts';

/*
 * The process of one tool. The platform forks it, sends it `start`, and forwards the tool's requests to its port.
 */

/** Time in milliseconds for connections that are still open when the process stops. */
const GRACE_MS = 1_000;
/** Longer than any proxy keeps a connection, so that the platform and not this process closes idle ones. */
const KEEP_ALIVE_MS = 75_000;
const MAX_HEADER_BYTES = 64 * 1024;

outliveReaders();
process.once('disconnect', () => process.exit(0)); // the platform has ended
process.once('message', (message: ToToolProcess) => {
  if (message.type === 'start') void run(message);
});

function tell(message: FromToolProcess): void {
  if (!process.connected) return;
  process.send?.(message, undefined, undefined, () => undefined);
}

async function run(start: ToolStart): Promise<void> {
  const failed = (error: unknown): void => {
    const problem =
      error instanceof Error
        ? describeLoadError(start.root, error)
        : `It threw ${inspect(error)}, which is not an Error.`;
    const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
    process.send?.({ type: 'failed', problem, ...stack } satisfies FromToolProcess, () => process.exit(1));
  };
  let serving = false;
  const outside = (error: unknown): void => {
    if (serving && start.outlivesFailures) tell({ type: 'outlived', failure: failureKind(error) });
    else failed(error);
  };
  process.on('uncaughtException', outside);
  process.on('unhandledRejection', outside);
  try {
    await serve(start);
    serving = true;
  } catch (error) {
    failed(error);
  }
}

async function serve(start: ToolStart): Promise<void> {
  const { manifest, folder, login, secret, env, showDetails } = start;
  if (start.offline) refuseOutsideConnections(login.host);
  const { id } = manifest;
  const db = openToolPool(login, id, logger);
  const app = express();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0 }, app);
  const ownWork = watchOwnWork(server, db);
  const router = await mountTool({ id, folder }, manifest, db, { logger, env, showDetails });
  ownWork.loaded();
  const pool = watchPool(db);
  app.disable('x-powered-by');
  app.set('trust proxy', 'loopback'); // the platform sets the forwarded headers
  app.use(onlyThePlatform(secret), requestId);
  app.use([`/api/tools/${id}`, `/api/${id}`], router);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', ({ type }: ToToolProcess) => {
    if (type === 'stop') void stop(server, db);
    if (type === 'ping')
      tell({
        type: 'pong',
        memory: process.memoryUsage.rss(),
        ownWork: ownWork.isPresent(),
        stuck: pool.stuck(),
      });
  });
  tell({ type: 'ready', port: (server.address() as AddressInfo).port });
}

async function stop(server: Server, db: pg.Pool): Promise<void> {
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, GRACE_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cut);
  await Promise.race([db.end(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
  process.exit(0);
}

/** Identifies the caller as the platform has; refuses requests that do not come from the platform. */
const onlyThePlatform =
  (secret: string): RequestHandler =>
  (request, response, next) => {
    const { [SECRET_HEADER]: given, [CALLER_HEADER]: caller } = request.headers;
    if (given !== secret || typeof caller !== 'string') {
      sendProblem(response, {
        status: 403,
        code: 'forbidden',
        detail: 'This port is for the platform only. Call the tool at the address of the platform.',
      });
      return;
    }
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- names of headers, and the tool must not see them
    for (const name of [SECRET_HEADER, CALLER_HEADER]) delete request.headers[name];
    setCaller(request, decodeCaller(caller));
    next();
  };

const log =
  (level: keyof ToolLogger) =>
  (fields: object, message?: string): void => {
    const entry = { type: 'log', level, ...(message === undefined ? {} : { message }) } as const;
    tell({ ...entry, fields: sendable(fields) });
  };
const logger: ToolLogger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };

/** A copy of log fields that can be sent to the platform. */
function sendable(fields: object): object {
  const plain = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? errorFields(value) : value,
    ]),
  );
  try {
    return structuredClone(plain);
  } catch {
    return { fields: inspect(plain, { depth: 3 }) };
  }
}

const errorFields = (error: Error): object => ({
  ...Object.fromEntries(Object.entries(error)),
  type: error.name,
  message: error.message,
  stack: error.stack,
});
