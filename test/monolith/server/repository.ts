import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { parseSettings } from '../../../contracts/settings.ts';
import { startPlatform, type Platform } from '../../../monolith/server/platform/platform.ts';
import { createDatabase } from '../../support/postgres.ts';

const HERE = path.resolve(import.meta.dirname, '../../..');

export type Files = Readonly<Record<string, string>>;

/** A small repository in a temporary folder: real contracts, migrations and packages, with its own tools. */
export interface TestRepository {
  readonly root: string;
  /** Writes `tools/<id>/` with a manifest; `files` are relative to it. */
  writeTool(id: string, manifest: object, files: Files): Promise<void>;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

export async function makeRepository(): Promise<TestRepository> {
  const root = await mkdtemp(path.join(tmpdir(), 'generator-platform-repository-'));
  await writeFile(
    path.join(root, 'package.json'),
    JSON.stringify({
      name: 'generator-platform',
      type: 'module',
      imports: { '#contracts/*': './contracts/*.ts' },
    }),
  );
  for (const name of ['contracts', 'migrations', 'node_modules'])
    await symlink(path.join(HERE, name), path.join(root, name), 'dir');
  const write = async (file: string, text: string): Promise<void> => {
    const target = path.join(root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  };
  return {
    root,
    write,
    async writeTool(id, manifest, files) {
      for (const [file, text] of Object.entries(files)) await write(`tools/${id}/${file}`, text);
      const all = { id, name: id, version: '1.0.0', route: `/tools/${id}`, ...manifest };
      await write(`tools/${id}/manifest.json`, JSON.stringify(all));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Opens the platform of a test repository on free ports and its own database, without the dashboard. */
export async function openPlatform(
  root: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Platform & { readonly databaseUrl: string }> {
  const databaseUrl = env['DATABASE_URL'] ?? (await createDatabase());
  const settings = parseSettings({
    PLATFORM_PORT: '0',
    GATEWAY_PORT: '0',
    PLATFORM_GATEWAY: 'facade',
    ...env,
    DATABASE_URL: databaseUrl,
  });
  const logger = pino({ level: 'silent' });
  return { ...(await startPlatform({ root, settings, logger, env, web: false })), databaseUrl };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of any shape
  readonly body: any;
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    get body() {
      return JSON.parse(text);
    },
  };
}

/** Headers of a new session on a development platform: its cookies, and the CSRF proof. */
export async function signIn(
  platformUrl: string,
  permissions: readonly string[],
): Promise<{ readonly Cookie: string; readonly 'X-XSRF-TOKEN': string }> {
  const { headers } = await call(`${platformUrl}/api/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ subject: 'ada', permissions }),
  });
  const cookies = headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  const proof = cookies.find((cookie) => cookie.startsWith('XSRF-TOKEN='))?.slice('XSRF-TOKEN='.length);
  return { Cookie: cookies.join('; '), 'X-XSRF-TOKEN': proof ?? '' };
}

/** The tool `notes` with one row, behind the permissions `rows:read` and `rows:write`. */
export const writeNotes = (repository: TestRepository): Promise<void> =>
  repository.writeTool(
    'notes',
    { permissions: ['rows:read', 'rows:write'], databaseSchema: { tables: ['notes'] } },
    {
      'backend/index.ts': backendOver('notes'),
      'database/migrations/001-notes.sql': `CREATE TABLE notes (name text); INSERT INTO notes VALUES ('monolith');`,
    },
  );

/** A backend with one GET and one POST on a table with one column. */
export const backendOver = (table: string): string => `
import { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';
export default function createRouter({ db, requirePermission }: ToolContext): Router {
  const router = Router();
  router.get('/rows', requirePermission('rows:read'), async (_req, res) => {
    res.json((await db.query('SELECT name FROM ${table} ORDER BY name')).rows);
  });
  router.post('/rows', requirePermission('rows:write'), async (req, res) => {
    await db.query('INSERT INTO ${table} (name) VALUES ($1)', [req.body.name]);
    res.status(201).end();
  });
  return router;
}
`;
