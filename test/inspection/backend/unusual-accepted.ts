import type { Accepted } from './accepted.ts';
import { TOOL } from './planted-tool.ts';

const service = (text: string): Accepted['files'] => ({ [`${TOOL}/backend/services/planted.ts`]: text });

/** Exportable code that resembles a violation. */
export const UNUSUAL_ACCEPTED: readonly Accepted[] = [
  {
    what: 'sentences that begin like SQL',
    files: service(`export const TEXTS = {
  pick: 'select an item from the list',
  add: 'Insert into the box what you found',
  change: 'update the set of rules = all of them',
  drop: 'delete from memory (max=5)',
  with: 'with users as guests',
  log: \`select \${1} from users, please\`,
};
`),
  },
  {
    what: 'functions called query that are not of a database',
    files: service(`import type { Request } from 'express';
interface Graph { query(text: string): unknown }
export const ask = (graph: Graph, request: Request): unknown =>
  graph.query('query { users { name } }') ?? request.query['from'];
export const found = (document: { query(selector: string): unknown }): unknown => document.query('select.orders');
`),
  },
  {
    what: 'imports in comments, texts and regular expressions',
    files: service(`// import { secret } from '../../../other/backend/index.ts';
/* require('../../../other') and process.env.SECRET and SELECT * FROM users */
/** @see {import('../../../other/backend/index.ts')} */
export const TEXT = "import('../../../other/backend/index.ts')";
export const PATTERN = /require\\('(.*)'\\)|process\\.env\\.(\\w+)/;
export const HELP = 'Set process.env.API_KEY, then read /srv/data/file.csv';
`),
  },
  {
    what: 'another process, another env, another config',
    files:
      service(`interface Job { readonly env: Record<string, string>; readonly process: { env: Record<string, string> } }
export const read = (job: Job): unknown => [job.env['API_KEY'], job.process.env['TOKEN']];
export function local(env: Record<string, string>, config: Record<string, string>): unknown {
  const process = { env };
  return [process.env['HOME_PAGE'], config['MAIL_URL']];
}
`),
  },
  {
    what: 'paths within the tool',
    files: {
      ...service(`import { readFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
const base = new URL('../', import.meta.url);
export const table = () => readFile(new URL('./data/rates.csv', base), 'utf8');
export const own = () => readFile(path.join(import.meta.dirname, '..', 'data', 'rates.csv'));
export const scratch = () => mkdtemp(path.join(tmpdir(), 'demo-'));
export const list = () => spawn('ls', ['/']);
export const address = new URL('/api/tools/other/items', 'http://localhost:3000');
export const where = (folder: string) => path.resolve(folder, '../../..');
`),
      [`${TOOL}/backend/data/rates.csv`]: 'EUR,1\n',
    },
  },
  {
    what: 'SQL files, functions and temporary tables of its own',
    files: {
      ...service(`import type { Pool, PoolClient } from 'pg';
const run = async (db: Pool | PoolClient, sql: string) => (await db.query(sql)).rows;
export const all = (db: Pool) => run(db, 'select id from things order by id');
export async function load(db: PoolClient) {
  for (const sql of ['create temporary table staged (like things)', 'insert into staged select * from things'])
    await db.query(sql);
  return db.query('SELECT s.id FROM staged s, jsonb_to_recordset($1) AS users(id int), pg_class');
}
`),
      [`${TOOL}/backend/queries/report.sql`]: `WITH customers AS (SELECT id FROM things)\nSELECT * FROM customers;\n`,
    },
  },
  {
    what: 'routes from a table and from a chain',
    files: {
      [`${TOOL}/backend/index.ts`]: `import { Router, type RequestHandler } from 'express';
const answer: RequestHandler = (_req, res) => { res.json([]); };
const PATHS = { things: '/things' } as const;
export default function createRouter(): Router {
  const router = Router({ mergeParams: true });
  const inner = Router();
  inner.route('/').get(answer).post(answer);
  inner.route(\`/:thingId\`).delete(answer);
  router.use(PATHS.things, inner);
  const cache = new Map<string, string>();
  cache.get('things');
  cache.delete('/gone');
  return router;
}
`,
    },
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'POST', path: '/things' },
        { method: 'DELETE', path: '/things/:id' },
      ],
    },
  },
  {
    what: 'a mounted application, and paths that are more than words',
    files: {
      [`${TOOL}/backend/index.ts`]: `import express, { Router, type RequestHandler } from 'express';
const answer: RequestHandler = (_req, res) => { res.json([]); };
export default function createRouter(): Router {
  const router = Router();
  const reports = express();
  reports.get('/$count', answer);
  reports.get('/a,b', answer);
  router.use('/reports', reports);
  router.get('/@me', answer);
  router.get('/files/*path', answer);
  router.get('/items{/:id}', answer);
  router.get('/v1\\\\(beta\\\\)', answer);
  return router;
}
`,
    },
    manifest: {
      endpoints: [
        ...['/reports/$count', '/reports/a,b', '/@me', '/files/*name', '/items{/:item}', '/v1\\(beta\\)'].map(
          (path) => ({
            method: 'GET',
            path,
          }),
        ),
      ],
    },
  },
];
