import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import type pg from 'pg';
import type { Job } from '../../../contracts/job.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { createRegistryApp, type RegistryApp, type RegistryOptions } from '../../../registry-api/app.ts';
import { openKeys, type KeyStore } from '../../../registry-api/auth/keys.ts';
import { issueToken } from '../../../registry-api/auth/token.ts';
import type { JobRunner, RollbackOptions } from '../../../registry-api/job-runner.ts';
import { migrate } from '../../../registry-api/store/migrate.ts';
import { createPool, type PoolOptions } from '../../../registry-api/store/pool.ts';
import { createDatabase } from '../../support/postgres.ts';

export const MIGRATIONS = path.resolve('migrations');

/** A registry with its own database on a free port. */
export interface TestRegistry {
  readonly url: string;
  readonly databaseUrl: string;
  readonly pool: pg.Pool;
  readonly keys: KeyStore;
  readonly app: RegistryApp;
  readonly stateDir: string;
  /** Calls of the job runner. */
  readonly runs: { readonly what: keyof JobRunner; readonly job: Job; readonly options?: RollbackOptions }[];
  readonly faults: unknown[];
  token(...permissions: readonly string[]): Promise<string>;
  /** A request with JSON in and out. */
  call(method: string, path: string, init?: CallInit): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallInit {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // JSON of any shape; each test states the shape that it expects
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export type TestOptions = Partial<
  Pick<RegistryOptions, 'limits' | 'jobRunner' | 'readiness' | 'webhooks'>
> & {
  readonly env?: Readonly<Record<string, string>>;
  readonly databaseUrl?: string;
  readonly poolOptions?: PoolOptions;
};

export async function startTestRegistry(options: TestOptions = {}): Promise<TestRegistry> {
  const { env, databaseUrl = await createDatabase(), poolOptions, ...rest } = options;
  await migrate(databaseUrl, MIGRATIONS);
  const stateDir = await mkdtemp(path.join(tmpdir(), 'generator-platform-registry-'));
  // generous timeouts for a busy machine, so that only outages are answered with 503
  const pool = createPool(databaseUrl, {
    connectTimeoutMs: 30_000,
    statementTimeoutMs: 30_000,
    ...poolOptions,
  });
  const keys = openKeys(stateDir);
  const runs: TestRegistry['runs'] = [];
  const faults: unknown[] = [];
  const note = (what: keyof JobRunner) => (job: Job) => {
    runs.push({ what, job });
    return Promise.resolve();
  };
  const app = createRegistryApp({
    pool,
    databaseUrl,
    stateDir,
    keys,
    settings: parseSettings({ ...env }),
    version: '0.0.0-test',
    jobRunner: {
      ensureAvailable: () => Promise.resolve(),
      start: note('start'),
      cancel: note('cancel'),
      rollback: (job, options) => {
        runs.push({ what: 'rollback', job, options });
        return Promise.resolve();
      },
    },
    onFault: (error) => void faults.push(error),
    ...rest,
  });
  const server = createServer(express().set('trust proxy', 'loopback').use(app.router));
  const url = await listen(server);
  return {
    url,
    databaseUrl,
    pool,
    keys,
    app,
    stateDir,
    runs,
    faults,
    token: (...permissions) => issueToken(keys, { subject: 'tester', permissions, ttlSeconds: 60 }),
    call: (method, address, init) => call(url, method, address, init),
    async close() {
      await app.close();
      server.closeAllConnections();
      server.close();
      await pool.end();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function call(
  base: string,
  method: string,
  address: string,
  init: CallInit = {},
): Promise<Answer> {
  const body = init.body === undefined ? null : JSON.stringify(init.body);
  const response = await fetch(new URL(address, base), {
    method,
    body,
    headers: { ...(body !== null && { 'Content-Type': 'application/json' }), ...init.headers },
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

let counter = 0;

/** A manifest that is unique in this process. */
export function aManifest(
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> & { id: string } {
  counter += 1;
  return { id: `tool-${counter}`, name: `Tool ${counter}`, version: '1.0.0', status: 'beta', ...more };
}
