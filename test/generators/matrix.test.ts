import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import pg from 'pg';
import { scaffoldTool } from './support/scaffold-tool.ts';
import { planAddition, writeAddition, KINDS } from '../../generators/add/index.ts';
import { parseResource } from '../../generators/tool/resource-text.ts';
import { writeToolLoaders } from '../../monolith/server/dashboard/web/tool-loaders.ts';
import { createDatabase } from '../support/postgres.ts';
import { pairwise } from './support/pairwise.ts';
import { removeRepository, scratchRepository, SOURCE } from './support/scratch-repository.ts';

const FACTORS = {
  type: ['string', 'text', 'integer', 'numeric', 'boolean', 'date', 'datetime', 'json', 'uuid'],
  option: ['', ':required', ':unique'],
  other: ['', ',label:string', ',meta:json,at:datetime'],
  reference: ['none', 'optional', 'required'],
  text: ['Plain', `O'Neil "\${x}" <%= y %>`, '名前 */ -- \\'],
} as const;

/** All objects that a migration can leave in `public`: one row per column, constraint, index or other object. */
const SHAPE = `
  SELECT 'column' AS kind, a.attrelid::regclass::text AS of, a.attname AS name,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS is
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND c.relkind = 'r'
  UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'relation', '', relname, coalesce(pg_get_indexdef(CASE relkind WHEN 'i' THEN oid END), relkind::text)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT 'function', '', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  ORDER BY 1, 2, 3`;

const NEVER_UNIQUE = ['text', 'boolean', 'json'];

/** Checks all tools together, because one compiler run per tool would take too long. */
describe('scaffolded tools for every pair of options', function () {
  this.timeout(900_000);
  let root: string;
  const ids: string[] = [];

  before(async () => {
    root = scratchRepository();
    for (const name of ['contracts', 'monolith/web', 'eslint.config.js', 'package.json', '.prettierignore']) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      cpSync(path.join(SOURCE, name), path.join(root, name), {
        recursive: true,
        filter: (file) => !/\/(dist|\.angular|generated)$/.test(file),
      });
    }
    cpSync(path.join(SOURCE, 'tsconfig.json'), path.join(root, 'tsconfig.json'));
    for (const name of ['node_modules', 'templates'])
      symlinkSync(path.join(SOURCE, name), path.join(root, name));
    for (const [i, row] of pairwise(FACTORS).entries()) {
      const option = row.option === ':unique' && NEVER_UNIQUE.includes(row.type) ? ':required' : row.option;
      const reference = {
        none: '',
        optional: ',parentId:uuid:references=parent',
        required: ',parentId:uuid:required:references=parent',
      }[row.reference];
      // Reserved words of one of the languages
      const name = ['thing', 'class', 'order'][i % 3] ?? '';
      const field = ['value', 'default', 'select'][Math.floor(i / 3) % 3] ?? '';
      const resources = [
        `${name}:${field}:${row.type}${option}${row.other}${reference}`,
        ...(reference === '' ? [] : ['parent:done:boolean']),
      ];
      const id = `pair-${i}`;
      await scaffoldTool(root, {
        id,
        name: row.text,
        description: row.text,
        version: '1.0.0',
        status: 'beta',
        owner: row.text,
        resources: resources.map(parseResource),
      });
      ids.push(id);
    }
    for (const kind of KINDS) {
      const name = kind === 'resource' ? 'comment:body:text:required,thingId:uuid:references=thing' : 'extra';
      writeAddition(root, await planAddition({ root, toolId: 'pair-0', kind, name }));
    }
  });
  after(() => removeRepository(root));

  const run = async (
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
    folder = '.',
  ): Promise<string> => {
    const bin = path.join(SOURCE, 'node_modules/.bin', program);
    const { all, exitCode } = await execa(bin, args, {
      cwd: path.join(root, folder),
      reject: false,
      all: true,
      env,
    });
    return exitCode === 0 ? '' : all.slice(-6000) || `exit ${exitCode}`;
  };

  it('covers at least 24 tools', () => {
    expect(ids.length).to.be.at.least(24);
  });

  it('passes strict TypeScript in backend and tests', async () => {
    const config = {
      extends: './tsconfig.json',
      include: ['tools/*/backend/**/*.ts', 'tools/*/tests/**/*.ts'],
    };
    writeFileSync(path.join(root, 'tsconfig.tools.json'), JSON.stringify(config));
    expect(await run('tsc', ['-p', 'tsconfig.tools.json'])).to.equal('');
  });

  it('passes strict Angular template checks with the shell', async () => {
    expect(await run('ngc', ['-p', 'monolith/web/tsconfig.json', '--noEmit'])).to.equal('');
  });

  it('builds the shell with scaffolded tools', async () => {
    // Builds a sample: all tools would take a minute, and add little to the compiler checks
    const built = process.env['FULL_MATRIX'] === '1' ? ids : ids.slice(0, 3);
    await writeToolLoaders(root, built, {});
    expect(await run('ng', ['build', '--configuration=development'], {}, 'monolith/web')).to.equal('');
    // One chunk per tool shows that every tool is reachable
    const chunks = readdirSync(path.join(root, 'monolith/web/dist')).filter((name) => name.endsWith('.js'));
    const sources = chunks
      .map((name) => readFileSync(path.join(root, 'monolith/web/dist', name), 'utf8'))
      .join('');
    for (const id of built)
      expect(sources, id).to.contain(`tools/${id}/frontend/components/tool-sections.component`);
  });

  it('passes Prettier', async () => {
    expect(await run('prettier', ['--check', 'tools'])).to.equal('');
  });

  it('passes ESLint', async () => {
    expect(await run('eslint', ['--quiet', 'tools'])).to.equal('');
  });

  it('migrates up, down, and up again to the same tables', async () => {
    const client = new pg.Client({ connectionString: await createDatabase() });
    await client.connect();
    try {
      for (const id of ids) {
        const folder = path.join(root, 'tools', id, 'database/migrations');
        const names = readdirSync(folder).sort();
        const up = names.filter((name) => !name.endsWith('.down.sql'));
        const down = up.map((name) => name.replace(/\.sql$/, '.down.sql')).reverse();
        const apply = async (files: readonly string[]): Promise<object> => {
          for (const file of files) await client.query(readFileSync(path.join(folder, file), 'utf8'));
          return (await client.query<object>(SHAPE)).rows;
        };
        const first = await apply(up);
        expect(first, id).to.have.length.greaterThan(5);
        expect(await apply(down), id).to.deep.equal([]);
        expect(await apply(up), id).to.deep.equal(first);
        await apply(down);
      }
    } finally {
      await client.end();
    }
  });

  it('passes the tests of each tool, with migrations and seeds on PostgreSQL', async () => {
    const env = { TEST_DATABASE_URL: await createDatabase() };
    const args = ['--reporter', 'dot', '--timeout', '30000', 'tools/*/tests/**/*.test.ts'];
    expect(await run('mocha', args, env)).to.equal('');
  });
});
