import type { Violation } from './violations.ts';

const service = (text: string): Pick<Violation, 'file' | 'text'> => ({
  file: 'backend/services/planted.ts',
  text: `// a line above\n// and another\n${text}`,
});
const POOL = `import type { Pool } from 'pg';\n`;

/** Violations in less common forms: other syntax, helpers, files that are not modules. */
export const UNUSUAL_VIOLATIONS: readonly Violation[] = [
  {
    what: 'a reference to another tool',
    code: 'code-foreign-tool',
    ...service(`export const x = 1;\n`),
    file: 'backend/services/planted.ts',
    text: `/// <reference path="../../../other/backend/index.ts" />\nexport const x = 1;\n`,
    at: '/// <reference',
  },
  {
    what: 'another tool by an inline createRequire call',
    code: 'code-foreign-tool',
    ...service(
      `import { createRequire } from 'node:module';\nexport const x: unknown = createRequire(import.meta.url)('../../../other/backend/index.ts');\n`,
    ),
    at: 'export const x',
  },
  {
    what: 'another tool by import equals',
    code: 'code-foreign-tool',
    ...service(
      `import other = require('../../../other/backend/index.ts');\nexport const x: unknown = other;\n`,
    ),
    at: 'import other',
  },
  {
    what: "an augmentation of another tool's module",
    code: 'code-foreign-tool',
    ...service(
      `export {};\ndeclare module '../../../other/backend/index.ts' {\n  export interface Secret { readonly more: number }\n}\n`,
    ),
    at: 'declare module',
  },
  {
    what: "another tool's file as a worker",
    code: 'code-path-escape',
    ...service(
      `import { Worker } from 'node:worker_threads';\nexport const start = () =>\n  new Worker(new URL('../../../other/backend/index.ts', import.meta.url));\n`,
    ),
    at: 'new Worker',
  },
  {
    what: 'a module that is resolved by a computed path',
    code: 'code-computed-import',
    ...service(`export const where = (name: string) => import.meta.resolve(name);\n`),
    at: 'import.meta',
  },
  {
    what: 'a missing package of which only a type is imported',
    code: 'code-package-missing',
    ...service(`import type { Pad } from '@missing/left-pad';\nexport type X = Pad;\n`),
    at: 'import type',
  },
  {
    what: 'a missing package that is loaded dynamically',
    code: 'code-package-missing',
    ...service(`export const load = async () => {\n  return import('@missing/left-pad/deep.js');\n};\n`),
    at: 'return import',
  },
  {
    what: 'an undeclared variable by an alias of the environment',
    code: 'code-undeclared-env',
    ...service(`const all = process.env;\nexport const key = all['API_KEY'];\n`),
    at: 'export const key',
  },
  {
    what: 'an undeclared variable of process in brackets',
    code: 'code-undeclared-env',
    ...service(`export const key = process['env'].API_KEY;\n`),
    at: 'process[',
  },
  {
    what: 'an undeclared variable of a destructured environment',
    code: 'code-undeclared-env',
    ...service(`const { env: { API_KEY } } = process;\nexport const key = API_KEY;\n`),
    at: 'const {',
  },
  {
    what: 'an environment that is passed on as a whole',
    code: 'code-undeclared-env',
    ...service(`export const copy = { ...process.env };\n`),
    at: 'process.env',
  },
  {
    what: 'an undeclared key of a configuration destructured twice',
    code: 'code-undeclared-config',
    ...service(
      `import type { ToolContext } from '#contracts/tool-context';\nexport function url({ config: { MAIL_URL } }: ToolContext) {\n  return MAIL_URL;\n}\n`,
    ),
    at: 'export function',
  },
  {
    what: 'an undeclared key of a configuration in a class member',
    code: 'code-undeclared-config',
    ...service(
      `import type { ToolContext } from '#contracts/tool-context';\nexport class Mail {\n  readonly #context: ToolContext;\n  constructor(context: ToolContext) { this.#context = context; }\n  url() { return this.#context.config['MAIL_URL']; }\n}\n`,
    ),
    at: 'url()',
  },
  {
    what: 'lower-case SQL through a helper',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}const rows = async (db: Pool, sql: string) => (await db.query(sql)).rows;\nexport const all = (db: Pool) => rows(db, 'select name from users');\n`,
    ),
    at: 'export const all',
  },
  {
    what: 'lower-case SQL that no visible code runs',
    code: 'code-undeclared-table',
    ...service(`export const report = {\n  all: 'select * from users where id = $1',\n};\n`),
    at: 'all:',
  },
  {
    what: 'SQL in a list that a loop runs',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}export async function clear(db: Pool) {\n  for (const sql of ['delete from things', 'delete from sessions'])\n    await db.query(sql);\n}\n`,
    ),
    at: 'for (const sql',
  },
  {
    what: 'SQL that is indexed by a name',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}const QUERIES = { 'all-users': 'select name from users' };\nexport const all = (db: Pool) => db.query(QUERIES['all-users']);\n`,
    ),
    at: 'const QUERIES',
  },
  {
    what: 'an SQL file beside the code',
    code: 'code-undeclared-table',
    file: 'backend/queries/report.sql',
    text: `-- what was sold\nSELECT name\nFROM things\nJOIN customers USING (customer_id);\n`,
    at: 'JOIN customers',
  },
  {
    what: 'an undeclared table in a function that the tool creates',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}export const make = (db: Pool) =>\n  db.query(\`CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS $$\n    SELECT sum(price) FROM invoices $$\`);\n`,
    ),
    at: 'SELECT sum',
  },
  {
    what: 'an undeclared table in MERGE',
    code: 'code-undeclared-table',
    ...service(
      `export const SQL = \`MERGE INTO things t USING staging s ON s.id = t.id\n  WHEN MATCHED THEN DO NOTHING\`;\n`,
    ),
    at: 'MERGE',
  },
  {
    what: 'a cast to a table that is not declared',
    code: 'code-undeclared-table',
    ...service(
      `${POOL}export const size = (db: Pool) => db.query("SELECT pg_total_relation_size('orders'::regclass)");\n`,
    ),
    at: 'export const size',
  },
  {
    what: 'a path out of the tool by concatenation',
    code: 'code-path-escape',
    ...service(`export const file = import.meta.dirname + '/../../../other/manifest.json';\n`),
    at: 'export const file',
  },
  {
    what: 'a program by absolute path',
    code: 'code-absolute-path',
    ...service(
      `import { execFile } from 'node:child_process';\nexport const run = () =>\n  execFile('/opt/platform/bin/report', ['--all']);\n`,
    ),
    at: 'execFile(',
  },
  {
    what: 'an absolute file by the default import',
    code: 'code-absolute-path',
    ...service(
      `import fs from 'node:fs';\nexport const text = () => fs.promises.readFile('/srv/platform/rates.csv', 'utf8');\n`,
    ),
    at: 'export const text',
  },
  {
    what: 'routes that a loop defines',
    code: 'code-endpoint-undeclared',
    file: 'backend/index.ts',
    text: `import { Router } from 'express';
export default function createRouter(): Router {
  const router = Router();
  router.get('/things', (_req, res) => { res.json([]); });
  for (const verb of ['post', 'put'] as const)
    router[verb]('/things', (_req, res) => { res.json({}); });
  return router;
}
`,
    at: 'router[verb]',
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'POST', path: '/things' },
      ],
    },
  },
];
