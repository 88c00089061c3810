import type { Accepted } from './accepted.ts';
import { TOOL } from './planted-tool.ts';

const service = (text: string): Accepted['files'] => ({ [`${TOOL}/backend/services/planted.ts`]: text });
const POOL = `import type { Pool, PoolClient } from 'pg';\n`;
const router = (body: string, head = ''): Accepted['files'] => ({
  [`${TOOL}/backend/index.ts`]: `import { Router, type RequestHandler } from 'express';
${head}const answer: RequestHandler = (_req, res) => { res.json([]); };
export default function createRouter(): Router {
  const router = Router();
${body}
  return router;
}
`,
});

/** Exportable code behind an indirection: the counterpart of the indirect violations. */
export const INDIRECT_ACCEPTED: readonly Accepted[] = [
  {
    what: 'packages that only provide types',
    files: service(`/// <reference types="node" />
import type { ParamsDictionary } from 'express-serve-static-core';
export type Params = ParamsDictionary;
`),
  },
  {
    what: 'a declared variable that another file exports, and a config of its own',
    files: {
      ...service(`import type { ToolContext } from '#contracts/tool-context';
import { all as given } from './given.ts';
interface Parts { readonly context: ToolContext; readonly config: { readonly page: number } }
class Sizes { readonly config = { page: 20 }; page() { return this.config.page; } }
export const read = ({ context, config }: Parts): unknown =>
  [given.API_KEY, context.config['API_KEY'], config.page, new Sizes().config.page];
`),
      [`${TOOL}/backend/services/given.ts`]: `const all = process.env;\nexport { all };\n`,
    },
    manifest: { env: [{ name: 'API_KEY' }] },
  },
  {
    what: 'rows locked by alias, and the sequence of its own table',
    files: service(`${POOL}export const take = (db: Pool) => [
  db.query('SELECT users.id FROM things AS users ORDER BY id FOR UPDATE OF users SKIP LOCKED LIMIT 1'),
  db.query("SELECT nextval('things_id_seq'::regclass), 'things_pkey'::regclass, 'public.things_id_seq'::regclass"),
  db.query('LOCK TABLE things IN SHARE MODE'),
  db.query('TRUNCATE things RESTART IDENTITY'),
];
`),
  },
  {
    what: 'statements that a caller passes in',
    files: service(`${POOL}interface Statement { readonly text: string; readonly values: readonly unknown[] }
const build = (where: readonly string[]): Statement => ({
  text: ['SELECT id FROM things', where.length > 0 ? 'WHERE ' + where.join(' AND ') : ''].join(' '),
  values: [],
});
export const wrapped = (db: Pool) => ({ query: (...all: Parameters<Pool['query']>) => db.query(...all) });
export async function listed(db: Pool) {
  const { text, values } = build(['id = 1']);
  await db.query({ ...build([]), rowMode: 'array' });
  await Promise.all(['SELECT 1', 'select id from things'].map((sql) => db.query(sql)));
  return db.query(text, [...values]);
}
export class Things {
  static readonly ALL = 'SELECT id FROM things';
  readonly #db: Pool;
  constructor(db: Pool) { this.#db = db; }
  sorted() { return this.#run(Things.ALL + ' ORDER BY id'); }
  one() { return this.#run(\`\${Things.ALL} WHERE id = $1\`); }
  async #run(sql: string) { return (await this.#db.query(sql)).rows; }
}
export async function inOne<T>(db: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.connect();
  await client.query('BEGIN');
  return work(client);
}
`),
  },
  {
    what: 'statements that are indexed, chosen by a condition, or in files of its own',
    files: {
      ...service(`import { readFileSync } from 'node:fs';
${POOL}enum Table { Things = 'things' }
const NAMES = { all: 'things' } as const;
const QUERIES = new Map([['all', 'SELECT id FROM things']]);
const REPORT = readFileSync(new URL('../queries/report.sql', import.meta.url), 'utf8');
export const all = (db: Pool, name: string, down: boolean) => [
  db.query(\`SELECT id FROM \${Table.Things}\`),
  db.query(\`SELECT id FROM \${NAMES['all']} ORDER BY \${name === 'a' ? 'a' : 'id'} \${down ? 'DESC' : 'ASC'}\`),
  db.query(\`SELECT t.id FROM things t \${down ? 'JOIN things o ON o.id = t.p' : ''} \${name ? (down ? 'WHERE o.x' : 'WHERE t.x') : ''}\`),
  db.query(QUERIES.get(name) ?? 'SELECT 1'),
  db.query(REPORT),
];
`),
      [`${TOOL}/backend/queries/report.sql`]: 'SELECT id FROM things;\n',
    },
  },
  {
    what: 'queries of objects other than databases',
    files: service(`interface Graph { query(text: string): unknown }
class Search { query(text: string): string { return text; } }
export const found = (client: Graph, body: { readonly q: string }): unknown =>
  [client.query(body.q), new Search().query(body.q)];
`),
  },
  {
    what: 'programs, folders and workers that exist everywhere or are its own',
    files: {
      ...service(`import { execFile, spawn } from 'node:child_process';
import { cp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import express, { type Response } from 'express';
export const run = () => [
  spawn('git', ['log', '../x'], { cwd: process.cwd() }),
  execFile(process.execPath, ['-e', '1'], { cwd: tmpdir() }),
  new Worker(new URL('./job.ts', import.meta.url)),
  rename(path.join(tmpdir(), 'a'), path.join(tmpdir(), 'b')),
];
export const copy = (from: string, to: string) => cp(from, to, { recursive: true });
export const files = express.static(path.join(path.dirname(import.meta.dirname), 'public'));
export const send = (res: Response) => res.sendFile('rates.pdf', { root: import.meta.dirname });
`),
      [`${TOOL}/backend/services/job.ts`]: 'export {};\n',
      [`${TOOL}/backend/public/rates.txt`]: 'EUR,1\n',
    },
  },
  {
    what: 'a route in a constant, and a wildcard with endpoints below it',
    files: router(`  const route = router.route('/things');
  route.get(answer);
  route.put(answer);
  router.get('/files/*rest', answer);
  console.log(router);`),
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'PUT', path: '/things' },
        { method: 'GET', path: '/files/:name' },
      ],
    },
  },
  {
    what: 'routes that a package or an unknown function adds to the router',
    files: router(
      `  router.get('/things', answer);\n  for (const add of ADDERS) add(router);`,
      `const ADDERS = [(target: Router) => target.get('/more', (_req, res) => { res.json([]); })];\n`,
    ),
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'GET', path: '/more' },
      ],
    },
  },
];
