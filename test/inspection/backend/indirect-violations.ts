import type { Violation } from './violations.ts';

const service = (text: string): Pick<Violation, 'file' | 'text'> => ({
  file: 'backend/services/planted.ts',
  text: `// a line above\n// and another\n${text}`,
});
const POOL = `import type { Pool } from 'pg';\n`;
const CONTEXT = `import type { ToolContext } from '#contracts/tool-context';\n`;
const router = (body: string, head = ''): Pick<Violation, 'file' | 'text'> => ({
  file: 'backend/index.ts',
  text: `import { Router, type RequestHandler } from 'express';
${head}const answer: RequestHandler = (_req, res) => { res.json([]); };
export default function createRouter(): Router {
  const router = Router();
${body}
  return router;
}
`,
});

/** Violations behind an indirection: an alias, a constant, a parameter, a condition. */
export const INDIRECT_VIOLATIONS: readonly Violation[] = [
  {
    what: 'another tool by a renamed createRequire',
    code: 'code-foreign-tool',
    ...service(
      `import { createRequire as make } from 'node:module';\nconst load = make(import.meta.url);\nexport const x: unknown = load('../../../other/backend/index.ts');\n`,
    ),
    at: 'export const x',
  },
  {
    what: 'another tool by an alias of require',
    code: 'code-foreign-tool',
    ...service(
      `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst load = require;\nexport const x: unknown = load('../../../other/backend/index.ts');\n`,
    ),
    at: 'export const x',
  },
  {
    what: 'a missing package that is only resolved',
    code: 'code-package-missing',
    ...service(
      `import { createRequire } from 'node:module';\nexport const where = createRequire(import.meta.url).resolve('@missing/left-pad/data.json');\n`,
    ),
    at: 'export const where',
  },
  {
    what: 'types of a missing package by reference',
    code: 'code-package-missing',
    file: 'backend/services/planted.ts',
    text: `/// <reference types="nobodys-types" />\nexport const x = 1;\n`,
    at: '/// <reference',
  },
  {
    what: 'an undeclared variable of the global process in brackets',
    code: 'code-undeclared-env',
    ...service(`export const key = globalThis['process'].env.API_KEY;\n`),
    at: 'export const key',
  },
  {
    what: 'an undeclared variable of process in a constant',
    code: 'code-undeclared-env',
    ...service(`const self = process;\nexport const key = self.env.API_KEY;\n`),
    at: 'export const key',
  },
  {
    what: 'an undeclared variable of a required process',
    code: 'code-undeclared-env',
    ...service(
      `import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nexport const key: unknown = load('node:process').env.API_KEY;\n`,
    ),
    at: 'export const key',
  },
  {
    what: 'an undeclared variable of an environment that another file exports',
    code: 'code-undeclared-env',
    ...service(`import { all as given } from './given.ts';\nexport const key = given.API_KEY;\n`),
    at: 'export const key',
    also: { 'tools/demo/backend/services/given.ts': `const all = process.env;\nexport { all };\n` },
  },
  {
    what: 'an undeclared key of a context by an alias of its type',
    code: 'code-undeclared-config',
    ...service(
      `import type { ToolContext as Host } from '#contracts/tool-context';\nexport const url = (host: Host) => host.config.MAIL_URL;\n`,
    ),
    at: 'export const url',
  },
  {
    what: 'an undeclared key of a context in a member of a type',
    code: 'code-undeclared-config',
    ...service(
      `${CONTEXT}type Parts = ToolContext & { readonly now: Date };\nexport const url = (parts: Parts) => parts.config.MAIL_URL;\n`,
    ),
    at: 'export const url',
  },
  {
    what: 'an undeclared key of a context inside another object',
    code: 'code-undeclared-config',
    ...service(
      `${CONTEXT}export const url = (parts: { readonly context: ToolContext }) =>\n  parts.context['config']['MAIL_URL'];\n`,
    ),
    at: 'parts.context',
  },
  {
    what: 'an undeclared key of a context in an untyped member',
    code: 'code-undeclared-config',
    ...service(
      `${CONTEXT}export class Mail {\n  private readonly context;\n  constructor(context: ToolContext) { this.context = context; }\n  url() { return this.context.config.MAIL_URL; }\n}\n`,
    ),
    at: 'url()',
  },
  {
    what: 'an undeclared table of an enumeration',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}enum Table { Users = 'users' }\nexport const all = (db: Pool) => db.query(\`SELECT id FROM \${Table.Users}\`);\n`,
    ),
    at: 'export const all',
  },
  {
    what: 'an undeclared table in an indexed statement',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}const TABLES = { people: 'users' } as const;\nexport const all = (db: Pool) => db.query(\`SELECT id FROM \${TABLES['people']}\`);\n`,
    ),
    at: 'export const all',
  },
  {
    what: 'an undeclared table in a branch of a condition',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}export const all = (db: Pool, own: boolean) =>\n  db.query(\`SELECT id FROM \${own ? 'things' : 'users'}\`);\n`,
    ),
    at: 'db.query',
  },
  {
    what: 'an undeclared table by concat',
    code: 'code-undeclared-table',
    ...service(`${POOL}export const all = (db: Pool) => db.query('select id from '.concat('users'));\n`),
    at: 'export const all',
  },
  {
    what: 'SQL for a bound query function',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}export function all(db: Pool) {\n  const ask = db.query.bind(db);\n  return ask('select id from users');\n}\n`,
    ),
    at: 'return ask',
  },
  {
    what: 'SQL of a statement object in a constant',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}const STATEMENT = { name: 'all', text: 'select name from users', values: [] };\nexport const all = (db: Pool) => db.query(STATEMENT);\n`,
    ),
    at: 'const STATEMENT',
  },
  {
    what: 'lower-case SQL that is concatenated',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}const sorted = (db: Pool, sql: string) => db.query(sql + ' ORDER BY 1');\nexport const all = (db: Pool) => sorted(db, 'select name from users');\n`,
    ),
    at: 'export const all',
  },
  {
    what: 'SQL from a request',
    code: 'code-sql-unreadable',
    ...service(
      `import type { Request } from 'express';\n${POOL}export const all = (db: Pool, req: Request) => db.query(req.body.sql);\n`,
    ),
    at: 'export const all',
  },
  {
    what: 'SQL that is rewritten before it runs',
    code: 'code-sql-unreadable',
    ...service(
      `${POOL}export const all = (db: Pool) => db.query('SELECT id FROM %t'.replace('%t', 'users'));\n`,
    ),
    at: 'export const all',
  },
  {
    what: 'an SQL file that cannot be parsed',
    code: 'code-sql-unreadable',
    file: 'backend/queries/report.sql',
    text: `SELECT name FROM things;\n-- and\nSELEC id FROM things;\n`,
    at: 'SELEC id',
  },
  {
    what: 'a path out of the tool by dirname alone',
    code: 'code-path-escape',
    ...service(
      `import { dirname } from 'node:path';\nexport const root = dirname(dirname(dirname(dirname(import.meta.dirname))));\n`,
    ),
    at: 'export const root',
  },
  {
    what: 'a worker relative to the working directory',
    code: 'code-path-escape',
    ...service(
      `import { Worker } from 'node:worker_threads';\nexport const start = () => new Worker('./tools/demo/backend/job.ts');\n`,
    ),
    at: 'export const start',
  },
  {
    what: 'a forked module relative to the working directory',
    code: 'code-path-escape',
    ...service(
      `import { fork } from 'node:child_process';\nexport const start = () => fork('tools/demo/backend/job.ts');\n`,
    ),
    at: 'export const start',
  },
  {
    what: 'a program that is started in an absolute folder',
    code: 'code-absolute-path',
    ...service(
      `import { spawn } from 'node:child_process';\nexport const start = () => spawn('git', ['log'], { cwd: '/srv/platform' });\n`,
    ),
    at: 'export const start',
  },
  {
    what: 'an absolute path as the second argument',
    code: 'code-absolute-path',
    ...service(
      `import { rename } from 'node:fs/promises';\nexport const keep = (file: string) => rename(file, '/srv/platform/kept');\n`,
    ),
    at: 'export const keep',
  },
  {
    what: 'an absolute working directory',
    code: 'code-absolute-path',
    ...service(`process.chdir('/srv/platform');\nexport {};\n`),
    at: 'process.chdir',
  },
  {
    what: 'an absolute folder that Express serves',
    code: 'code-absolute-path',
    ...service(
      `import express from 'express';\nexport const files = express.static('/srv/platform/public');\n`,
    ),
    at: 'export const files',
  },
  {
    what: 'an absolute file that Express sends',
    code: 'code-absolute-path',
    ...service(
      `import type { Response } from 'express';\nexport const send = (res: Response) => res.sendFile('/srv/platform/rates.pdf');\n`,
    ),
    at: 'export const send',
  },
  {
    what: 'a verb of a route in a constant',
    code: 'code-endpoint-undeclared',
    ...router(`  const route = router.route('/things').get(answer);\n  route.put(answer);`),
    at: 'route.put',
  },
  {
    what: 'a route of a router that is exported under the name default',
    code: 'code-endpoint-undeclared',
    file: 'backend/index.ts',
    text: `import { Router } from 'express';
import type { CreateToolRouter } from '#contracts/tool-context';
const create = (() => {
  return Router()
    .get('/things', (_req, res) => { res.json([]); })
    .get('/stray', (_req, res) => { res.json([]); });
}) satisfies CreateToolRouter;
export { create as default };
`,
    at: ".get('/stray'",
  },
  {
    what: 'a wildcard beside an endpoint that only shares its prefix',
    code: 'code-endpoint-undeclared',
    ...router(`  router.get(['/things', '/filesystem'], answer);\n  router.get('/files/*rest', answer);`),
    at: "router.get('/files",
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'GET', path: '/filesystem' },
      ],
    },
  },
];
