import { TOOL, type Files } from './planted-tool.ts';

export interface Accepted {
  readonly what: string;
  readonly files: Files;
  readonly manifest?: object;
}

/** Exportable code in every form. None may cause a finding. */
export const ACCEPTED: readonly Accepted[] = [
  {
    what: 'barrels, folders, aliases and type imports',
    files: {
      [`${TOOL}/backend/services/index.ts`]: `export * from './prices.ts';\nexport type { Rounded } from '#shared/round';\nexport * as money from '#shared/money';\n`,
      [`${TOOL}/backend/services/prices.ts`]: `import { cents } from '../../../../shared/money.ts';
import { HttpProblem } from '#contracts/http-problem';
import type { ToolContext } from '#contracts/tool-context';
import * as all from './index.ts';
type Inline = import('../types/thing.ts').Thing;
export const price = (thing: Inline, context: ToolContext): number => {
  if (thing.price < 0) throw new HttpProblem(422, 'price', String(context));
  return cents(thing.price) + Object.keys(all).length;
};
`,
      [`${TOOL}/backend/types/thing.ts`]: `export interface Thing { readonly price: number }\n`,
      [`${TOOL}/tests/unit/prices.test.ts`]: `import { expect } from 'chai';
import { price } from '#tools/demo/backend/services/index.ts';
import { price as same } from '../../backend/services/prices.ts';
process.env['ANYTHING'] = process.env['TEST_DATABASE_URL'];
describe('x', () => it('y', () => { expect(price).to.equal(same); }));
`,
    },
  },
  {
    what: 'dynamic imports with a literal, and require of a package',
    files: {
      [`${TOOL}/backend/services/lazy.ts`]: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
export const express: unknown = require('express');
export const load = async (fine: boolean) =>
  fine ? import('./heavy.ts') : import(\`./light.ts\`);
export const where = import.meta.resolve('express');
const catalogue = { require: (name: string) => name, import: (name: string) => name };
export const x = (name: string) => catalogue.require(name) + catalogue.import(name);
`,
      [`${TOOL}/backend/services/heavy.ts`]: `export const weight = 100;\n`,
      [`${TOOL}/backend/services/light.ts`]: `export const weight = 1;\n`,
    },
  },
  {
    what: 'SQL in every form on its own tables',
    manifest: { databaseSchema: { tables: ['things', 'crm.notes', 'Quoted'] } },
    files: {
      [`${TOOL}/backend/repositories/sql.ts`]: `import type { Pool, PoolClient } from 'pg';
const COLUMNS = 'id, name';
const TABLE = 'things';
const names = { notes: 'crm.notes' } as const;
const ORDER: Record<string, string> = { name: 'name, id', newest: 'created_at DESC' };
interface Filter { readonly q: string; readonly sort: string; readonly ids: readonly number[] }
export class Repository {
  readonly #db: Pool;
  private readonly listSql = \`SELECT \${COLUMNS} FROM \${TABLE}\`;
  constructor(db: Pool) { this.#db = db; }
  async all(filter: Filter, client: PoolClient) {
    const where = filter.q === '' ? '' : 'WHERE name ILIKE $1 AND NOT archived';
    const sql = \`
      WITH users AS (
        SELECT id, name FROM things -- users of another tool are somewhere else
      ), recent AS (SELECT * FROM users u WHERE u.id > 5)
      SELECT t.*, (SELECT count(*) FROM "Quoted" q WHERE q.thing = t.id) AS quoted
      FROM public.things t
      JOIN recent USING (id)
      LEFT JOIN LATERAL unnest(ARRAY[1, 2]) AS orders(n) ON TRUE
      CROSS JOIN generate_series(1, 3) AS customers
      \${where}
      ORDER BY \${ORDER[filter.sort]} LIMIT \${filter.ids.length}\`;
    await client.query(sql);
    await client.query({ text: 'SELECT ' + COLUMNS + ' FROM ' + names.notes, values: [] });
    await client.query(['INSERT INTO things (name)', 'VALUES ($1)', 'RETURNING id'].join('\\n'));
    await client.query(\`INSERT INTO things (id, name) VALUES \${filter.ids.map((_, i) => \`($\${i}, '')\`).join(', ')} ON CONFLICT DO NOTHING\`);
    await client.query(\`UPDATE things SET \${Object.keys(filter).map((k, i) => \`\${k} = $\${i}\`).join(', ')} WHERE id = $1\`);
    await client.query(\`SELECT * FROM things WHERE id IN (\${filter.ids.map((_, i) => '$' + String(i)).join(',')})\`);
    await client.query('WITH RECURSIVE tree AS (SELECT id, parent FROM things UNION ALL SELECT c.id, c.parent FROM things c JOIN tree ON tree.id = c.parent) SELECT * FROM tree');
    await client.query('CREATE TEMP TABLE incoming (id int) ON COMMIT DROP');
    await client.query('INSERT INTO things SELECT id FROM incoming');
    await client.query("SELECT to_regclass('x'), 'things'::regclass, current_setting('x') FROM pg_class, information_schema.tables, pg_catalog.pg_type");
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    await client.query("LISTEN changed; NOTIFY changed, 'orders'");
    return (await this.#db.query(this.listSql)).rows;
  }
}
export const first = (db: Pool) => db.query(statement('name'));
function statement(column: string): string {
  return \`select \${column} from things order by "\${column}" desc\`;
}
`,
    },
  },
  {
    what: 'words that look like SQL',
    files: {
      [`${TOOL}/backend/services/words.ts`]: `export const HINTS = [
  'Select an item from the list',
  'Update users set in stone',
  'Delete from the cart',
  'insert into the slot',
  "WHERE ARE YOU? AND WHY?",
  'DROP us a line',
];
export const hint = (n: number) => \`Select \${n} items from orders\`;
export const url = new URL('http://x/users');
export const search = (client: { query(text: string): string }) => client.query('users named Ann');
`,
    },
  },
  {
    what: 'declared variables in every form of access',
    manifest: {
      env: [{ name: 'API_KEY', secret: true }, { name: 'API_URL' }],
    },
    files: {
      [`${TOOL}/backend/services/settings.ts`]: `import type { CreateToolRouter, ToolContext } from '#contracts/tool-context';
import process, { env } from 'node:process';
export const mode = process.env.NODE_ENV === 'production';
export const key = process.env['API_KEY'] ?? env.API_URL;
const { API_URL = 'x', API_KEY: secret } = process.env;
const name = 'API_KEY';
export const known = [API_URL, secret, process.env[name], 'API_URL' in process.env];
export const read = ({ config: { API_KEY } }: ToolContext) => API_KEY;
export class Mailer {
  private readonly context: ToolContext;
  private readonly config: ToolContext['config'];
  constructor(context: ToolContext) {
    this.context = context;
    this.config = context.config;
  }
  url() { return this.context.config['API_URL'] ?? this.config.API_KEY ?? call(this.config); }
}
const call = (config: ToolContext['config']) => config['API_URL'];
export const createRouter: CreateToolRouter = (context) => { throw new Error(context.config.API_URL); };
export const other = { config: { anything: 1 }, env: { SOMETHING: 2 } };
export const fine = other.config.anything + other.env.SOMETHING;
`,
    },
  },
  {
    what: 'files of its own by every kind of path',
    files: {
      [`${TOOL}/backend/services/files.ts`]: `import { readFileSync, mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
const here = path.dirname(fileURLToPath(import.meta.url));
export const rates = readFileSync(new URL('./rates.csv', import.meta.url), 'utf8');
export const up = readFileSync(path.join(here, '..', 'services', 'rates.csv'), 'utf8');
export const migrations = new URL('../../database/migrations/', import.meta.url);
export const manifest = path.join(import.meta.dirname, '../../manifest.json');
export const scratch = () => mkdtempSync('/tmp/demo-');
export const secret = () => readFile('/run/secrets/key');
export const given = (file: string) => readFile(path.join(here, file));
export const link = path.posix.join('/api', 'things', '../x');
export const address = (base: string) => new URL('/health', base);
export const home = \`/things/\${link}\`;
`,
      [`${TOOL}/backend/services/rates.csv`]: 'a,1\n',
      [`${TOOL}/database/migrations/001-things.sql`]: 'CREATE TABLE things (id int);\n',
    },
  },
  {
    what: 'routes in every form',
    manifest: {
      endpoints: [
        { method: 'GET', path: '/' },
        { method: 'GET', path: '/things' },
        { method: 'POST', path: '/things' },
        { method: 'PUT', path: '/things/:thingId' },
        { method: 'GET', path: '/things/:id/notes' },
        { method: 'DELETE', path: '/things/:id/notes/:noteId' },
        { method: 'GET', path: '/reports' },
        { method: 'GET', path: '/reports/:year' },
        { method: 'GET', path: '/export' },
        { method: 'PATCH', path: '/settings' },
      ],
    },
    files: {
      [`${TOOL}/backend/index.ts`]: `import express, { type RequestHandler } from 'express';
import type { CreateToolRouter } from '#contracts/tool-context';
import { makeThings, ROOT } from './routes/index.ts';
import { Reports } from './routes/reports.ts';
const handler: RequestHandler = (_req, res) => { res.json({}); };
const createRouter: CreateToolRouter = (context) => {
  const router = express.Router({ mergeParams: true });
  router.use(express.json());
  router.get(ROOT, handler);
  router.use('/things', context.requirePermission('demo:read'), makeThings(context));
  router.use([new Reports().router]);
  addExport(router);
  const cache = new Map([['a', 1]]);
  cache.get('a');
  cache.delete('a');
  return router;
};
function addExport(target: express.Router): void {
  target.get(['/export'], handler);
  target.route('/settings').patch(handler);
}
export default createRouter;
`,
      [`${TOOL}/backend/routes/index.ts`]: `export { default as makeThings } from './things.ts';\nexport const ROOT = '/';\n`,
      [`${TOOL}/backend/routes/things.ts`]: `import { Router, type RequestHandler } from 'express';
import type { ToolContext } from '#contracts/tool-context';
const handler: RequestHandler = (_req, res) => { res.json({}); };
const BASE = '/:id/notes';
export default function things(context: ToolContext) {
  const guard = context.requirePermission('demo:read');
  const notes = Router();
  notes.get('/', handler).delete('/:noteId', guard, handler);
  return Router().get('/', guard, handler).post('/', handler).put('/:id', handler).use(BASE, notes);
}
`,
      [`${TOOL}/backend/routes/reports.ts`]: `import { Router } from 'express';
export class Reports {
  readonly router = Router();
  constructor() {
    this.router.get('/reports{/:year}', (_req, res) => { res.json({}); });
  }
}
`,
    },
  },
  {
    what: 'routes with computed paths',
    manifest: {
      endpoints: [
        { method: 'GET', path: '/a' },
        { method: 'GET', path: '/b' },
      ],
    },
    files: {
      [`${TOOL}/backend/index.ts`]: `import { Router } from 'express';
export default function createRouter(): Router {
  const router = Router();
  for (const name of ['a', 'b']) router.get(\`/\${name}\`, (_req, res) => { res.json({}); });
  return router;
}
`,
    },
  },
];
