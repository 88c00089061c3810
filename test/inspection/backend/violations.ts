import type { Files } from './planted-tool.ts';

export interface Violation {
  readonly what: string;
  readonly code: string;
  /** The file that holds the violation, below `tools/demo/`, with its text. */
  readonly file: string;
  readonly text: string;
  /** The finding's line is that of the first occurrence of this text. */
  readonly at: string;
  readonly also?: Files;
  readonly manifest?: object;
}

const service = (text: string): Pick<Violation, 'file' | 'text'> => ({
  file: 'backend/services/planted.ts',
  text: `// a line above\n// and another\n${text}`,
});

/** Each must cause exactly one finding, at the right line. */
export const VIOLATIONS: readonly Violation[] = [
  {
    what: 'an import of another tool',
    code: 'code-foreign-tool',
    ...service(`import { secret } from '../../../other/backend/index.ts';\nexport const x = secret;\n`),
    at: 'import {',
  },
  {
    what: 'an import of another tool by its alias',
    code: 'code-foreign-tool',
    ...service(`import { secret } from '#tools/other/backend/index.ts';\nexport const x = secret;\n`),
    at: 'import {',
  },
  {
    what: 'a type of another tool',
    code: 'code-foreign-tool',
    ...service(`import type { Secret } from '../../../other/backend/index.ts';\nexport type X = Secret;\n`),
    at: 'import type',
  },
  {
    what: 'a type of another tool, inline',
    code: 'code-foreign-tool',
    ...service(`export type X =\n  import('../../../other/backend/index.ts').Secret;\n`),
    at: 'import(',
  },
  {
    what: 'a re-export of another tool',
    code: 'code-foreign-tool',
    ...service(`export * from '../../../other/backend/index.ts';\n`),
    at: 'export *',
  },
  {
    what: 'a re-exported type of another tool',
    code: 'code-foreign-tool',
    ...service(`export type { Secret } from '../../../other/backend/index.ts';\n`),
    at: 'export type',
  },
  {
    what: 'a dynamic import of another tool',
    code: 'code-foreign-tool',
    ...service(`export const load = () => import('../../../other/backend/index.ts');\n`),
    at: 'import(',
  },
  {
    what: 'another tool in a test',
    code: 'code-foreign-tool',
    file: 'tests/unit/planted.test.ts',
    text: `\nimport { secret } from '#tools/other/backend/index.ts';\nexport const x = secret;\n`,
    at: 'import {',
  },
  {
    what: 'another tool behind shared code',
    code: 'code-foreign-tool',
    ...service(`export { cents } from '#shared/bridge';\n`),
    at: '',
    also: { 'shared/bridge.ts': `\n\nexport { secret as cents } from '../tools/other/backend/index.ts';\n` },
  },
  {
    what: 'a computed import',
    code: 'code-computed-import',
    ...service(`export const load = (name: string) =>\n  import(\`./\${name}.ts\`);\n`),
    at: 'import(',
  },
  {
    what: 'a computed require',
    code: 'code-computed-import',
    ...service(
      `import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nexport const x = (name: string): unknown => load(name);\n`,
    ),
    at: 'export const x',
  },
  {
    what: 'an import that resolves to no file',
    code: 'code-import-unresolved',
    ...service(`export * from './nowhere.ts';\n`),
    at: 'export *',
  },
  {
    what: 'an absolute import',
    code: 'code-absolute-path',
    ...service(`export * from '/opt/platform/lib.ts';\n`),
    at: 'export *',
  },
  {
    what: 'a package that is not in the lock file',
    code: 'code-package-missing',
    ...service(`import pad from '@missing/left-pad';\nexport const x: unknown = pad;\n`),
    at: 'import pad',
  },
  {
    what: 'the repository as a package of itself',
    code: 'code-package-missing',
    ...service(`export * from 'generator-platform/contracts/fence.ts';\n`),
    at: 'export *',
  },
  {
    what: 'an undeclared variable of the environment',
    code: 'code-undeclared-env',
    ...service(`export const key = process.env.API_KEY;\n`),
    at: 'process.env',
  },
  {
    what: 'an undeclared variable in brackets',
    code: 'code-undeclared-env',
    ...service(`export const key =\n  process.env['API_KEY'] ?? '';\n`),
    at: 'process.env',
  },
  {
    what: 'an undeclared variable by destructuring',
    code: 'code-undeclared-env',
    ...service(
      `const {\n  NODE_ENV,\n  API_KEY: key,\n} = process.env;\nexport const x = [NODE_ENV, key];\n`,
    ),
    at: 'API_KEY',
  },
  {
    what: 'an undeclared variable by an alias of process',
    code: 'code-undeclared-env',
    ...service(`import { env } from 'node:process';\nexport const key = env.API_KEY;\n`),
    at: 'env.API_KEY',
  },
  {
    what: 'a variable whose name is computed',
    code: 'code-undeclared-env',
    ...service(`export const read = (name: string) => process.env[name];\n`),
    at: 'process.env',
  },
  {
    what: 'an undeclared key of the configuration',
    code: 'code-undeclared-config',
    ...service(
      `import type { ToolContext } from '#contracts/tool-context';\nexport const url = (context: ToolContext) =>\n  context.config['MAIL_URL'];\n`,
    ),
    at: 'context.config',
  },
  {
    what: 'an undeclared key of a destructured configuration',
    code: 'code-undeclared-config',
    ...service(
      `import type { ToolContext } from '#contracts/tool-context';\nexport function url({ config }: ToolContext) {\n  return config.MAIL_URL;\n}\n`,
    ),
    at: 'config.MAIL_URL',
  },
  {
    what: 'an undeclared key of a configuration that is passed on',
    code: 'code-undeclared-config',
    ...service(
      `import type { ToolContext } from '#contracts/tool-context';\nexport function url(settings: ToolContext['config']) {\n  const { MAIL_URL } = settings;\n  return MAIL_URL;\n}\n`,
    ),
    at: 'const { MAIL_URL }',
  },
  {
    what: 'a path out of the tool from __dirname',
    code: 'code-path-escape',
    ...service(
      `import path from 'node:path';\nexport const file = path.join(import.meta.dirname, '..', '..', '..', 'other', 'manifest.json');\n`,
    ),
    at: 'path.join',
  },
  {
    what: 'a path out of the tool by URL',
    code: 'code-path-escape',
    ...service(`export const file =\n  new URL('../../../../package.json', import.meta.url);\n`),
    at: 'new URL',
  },
  {
    what: 'a file relative to the working directory',
    code: 'code-path-escape',
    ...service(
      `import { readFileSync } from 'node:fs';\nexport const text = () => readFileSync('tools/demo/data.txt', 'utf8');\n`,
    ),
    at: 'export const text',
  },
  {
    what: 'an absolute file',
    code: 'code-absolute-path',
    ...service(
      `import { readFile } from 'node:fs/promises';\nexport const text = () => readFile('/srv/platform/rates.csv', 'utf8');\n`,
    ),
    at: 'export const text',
  },
  {
    what: 'an endpoint that no route serves',
    code: 'code-endpoint-unserved',
    file: 'backend/empty.ts',
    text: 'export {};\n',
    at: '',
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'DELETE', path: '/things/:id' },
      ],
    },
  },
  {
    what: 'a route that the manifest does not list',
    code: 'code-endpoint-undeclared',
    file: 'backend/index.ts',
    text: `import { Router } from 'express';
import { more } from './routes/more.ts';
export default function createRouter(): Router {
  const router = Router();
  router.get('/things', (_req, res) => { res.json([]); });
  router.use('/more', more());
  return router;
}
`,
    at: '',
    also: {
      'tools/demo/backend/routes/more.ts': `import { Router } from 'express';
export function more(): Router {
  return Router()
    .use((_req, _res, next) => next())
    .post('/:id', (_req, res) => { res.json({}); });
}
`,
    },
  },
  {
    what: 'a route of the service itself',
    code: 'code-endpoint-reserved',
    file: 'backend/index.ts',
    text: `import { Router } from 'express';
export default function createRouter(): Router {
  const router = Router();
  router.get('/things', (_req, res) => { res.json([]); });
  router.get('/health', (_req, res) => { res.json('mine'); });
  return router;
}
`,
    at: "router.get('/health'",
    manifest: {
      endpoints: [
        { method: 'GET', path: '/things' },
        { method: 'GET', path: '/health' },
      ],
    },
  },
];
