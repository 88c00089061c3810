import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Request } from 'express';
import type { Pool } from 'pg';
import { HttpProblem } from '#contracts/http-problem';
import type { Principal, ToolContext } from '#contracts/tool-context';
import createRouter from '#tools/inventory-tracker/backend/index.ts';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Of the caller; a caller without any is anonymous. */
  readonly permissions?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Host {
  call<T>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>;
  close(): Promise<void>;
}

/** Minimal host: mounts the router behind JSON parsing and responds with problem+json. */
export async function openHost(db: Pool): Promise<Host> {
  const app = express().use(express.json(), createRouter(contextOf(db)), answerProblem);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the type of the response
    async call<T>(method: string, path: string, { body, permissions = [], headers = {} }: CallOptions = {}) {
      const response = await fetch(base + path, {
        method,
        headers: { 'content-type': 'application/json', 'x-permissions': permissions.join(' '), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? undefined : JSON.parse(text)) as T,
      };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function contextOf(db: Pool): ToolContext {
  const quiet = (): void => undefined;
  return {
    db,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    config: {},
    requirePermission: (permission) => (req, _res, next) => {
      const { permissions } = principalOf(req);
      if (permissions.length === 0) throw new HttpProblem(401, 'unauthenticated', 'A token is needed.');
      if (!permissions.includes(permission))
        throw new HttpProblem(403, 'forbidden', `The permission ${permission} is needed.`);
      next();
    },
    principalOf,
  };
}

function principalOf(req: Request): Principal {
  return { subject: 'tester', permissions: (req.get('x-permissions') ?? '').split(' ').filter(Boolean) };
}

// Express recognizes an error handler by its four parameters.
// eslint-disable-next-line @typescript-eslint/no-unused-vars
const answerProblem: ErrorRequestHandler = (error, _req, res, _next) => {
  const problem = error instanceof HttpProblem ? error : new HttpProblem(500, 'internal', String(error));
  const { status, code, message: detail, errors } = problem;
  res.status(status).json({ status, code, detail, errors });
};
