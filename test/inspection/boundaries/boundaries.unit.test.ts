import { expect } from 'chai';
import { createSchemaBuilder, NoModules, readDdl } from '../../../inspection/index.ts';
import { loadSqlParser } from '../../../contracts/sql-parser.ts';
import { boundariesOf, couplingNames, tableUses } from './planted-source.ts';

const EMPTY = 'export const nothing = 1;';

/** Folders of the modules that are found. */
async function modulesOf(files: readonly string[], pattern?: string): Promise<readonly string[]> {
  const sources = Object.fromEntries(files.map((file) => [file, EMPTY]));
  const found = await boundariesOf(sources, pattern === undefined ? {} : { modules: pattern });
  return found.modules.map(({ folder }) => folder);
}

const problemOf = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('the modules of an application', () => {
  it('finds the folders of src/modules before those of src', async () => {
    const files = ['src/modules/a/x.ts', 'src/modules/core/x.js', 'src/lib/y.js', 'src/app.js'];
    expect(await modulesOf(files)).to.deep.equal(['src/modules/a', 'src/modules/core']);
  });

  it('finds the folders of src without those of shared code and of layers', async () => {
    const files = ['orders', 'users', 'helpers', 'db', 'middleware', 'controllers'].map(
      (name) => `src/${name}/x.js`,
    );
    expect(await modulesOf(files)).to.deep.equal(['src/orders', 'src/users']);
  });

  it('finds the folders of the source itself, and none of packages, tests and build output', async () => {
    const files = [
      'orders/deep/x.cjs',
      'users/x.mjs',
      'node_modules/a/x.js',
      'test/x.js',
      'dist/x.js',
      '.git/x.js',
    ];
    expect(await modulesOf(files)).to.deep.equal(['orders', 'users']);
  });

  it('takes the folders of a pattern instead, and the outer one of nested folders', async () => {
    const files = [
      'src/areas/north/x.js',
      'src/areas/north/inner/x.js',
      'src/areas/south/x.js',
      'src/orders/x.js',
    ];
    expect(await modulesOf(files, 'src/areas/**')).to.deep.equal(['src/areas/north', 'src/areas/south']);
    expect(await modulesOf(files, './src/*/')).to.deep.equal(['src/areas', 'src/orders']);
  });

  it('names modules by their paths where two folders have the same name', async () => {
    const files = { 'north/shop/x.js': EMPTY, 'south/shop/x.js': EMPTY, 'south/bar/x.js': EMPTY };
    const found = await boundariesOf(files, { modules: '*/*' });
    expect(found.modules.map(({ name }) => name)).to.deep.equal(['north/shop', 'bar', 'south/shop']);
  });

  it('refuses a source without modules', async () => {
    expect(await problemOf(modulesOf(['src/app.js', 'src/lib/x.js']))).to.be.instanceOf(NoModules);
    expect(await problemOf(modulesOf(['src/a/x.js', 'src/b/x.js'], 'areas/*'))).to.be.instanceOf(NoModules);
  });
});

describe('couplings of code', () => {
  it('finds imports of every form between modules, but not those of types', async () => {
    const found = await boundariesOf({
      'a/index.ts': `import type { T } from '../b/type.ts';
        import { one } from '../b/one.js';
        export * from '../b/two.js';
        const three = require('../b/three.cjs');
        export const four = () => import('../b/four');
        export type U = import('../b/type.ts').T;`,
      'b/type.ts': 'export type T = string;',
      ...Object.fromEntries(['one.js', 'two.js', 'three.cjs', 'four/index.js'].map((f) => [`b/${f}`, EMPTY])),
    });
    expect(couplingNames(found)).to.deep.equal(
      ['four/index.js', 'one.js', 'three.cjs', 'two.js'].map((file) => `import a -> b: b/${file}`),
    );
  });

  it('resolves aliases of package.json and of tsconfig.json', async () => {
    const found = await boundariesOf({
      'package.json': '{ "imports": { "#b/*": "./src/b/*" } }',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@b/*": ["./src/b/*"] } } }',
      'src/a/index.ts': "import '#b/one.js';\nimport '@b/two';",
      'src/b/one.js': EMPTY,
      'src/b/two.ts': EMPTY,
    });
    expect(couplingNames(found)).to.deep.equal([
      'import a -> b: src/b/one.js',
      'import a -> b: src/b/two.ts',
    ]);
  });

  it('follows calls into shared code to the tables of the called function, and to no others', async () => {
    const found = await boundariesOf({
      'src/a/index.js': "import { first } from '../lib/sql.js';\nexport const x = () => first();",
      'src/b/index.js': "const sql = require('../lib/sql.js');\nexports.x = () => sql.second();",
      'src/c/index.js': "import * as deep from '../lib/deep.js';\nexport const x = () => deep.third();",
      'src/d/index.js':
        "import repository from '../lib/object.js';\nexport const x = () => repository.read();",
      'src/lib/sql.js': `import { pool } from 'pg-pool';
        const run = (text) => pool.query(text);
        export const first = () => run('SELECT 1 FROM t_first');
        export function second() { return helper(); }
        function helper() { return pool.query('UPDATE t_second SET n = 1'); }`,
      'src/lib/deep.js': "import { first } from './sql.js';\nexport const third = () => first();",
      'src/lib/object.js': `export default {
        read() { return db.query('SELECT 1 FROM t_read'); },
        write() { return db.query('DELETE FROM t_write'); },
      };`,
    });
    expect(tableUses(found)).to.deep.equal([
      '(shared) writes t_write',
      'a reads t_first',
      'b writes t_second',
      'c reads t_first',
      'd reads t_read',
    ]);
  });

  it('gives a table to the module that inserts its rows, whichever module writes most', async () => {
    const found = await boundariesOf({
      'maker/index.js': "db.query('INSERT INTO things (id) VALUES (1)');",
      'taker/index.js': "db.query('UPDATE things SET n = 1');\ndb.query('DELETE FROM things');",
    });
    expect(couplingNames(found)).to.deep.equal(['table taker -> maker: things']);
  });

  it('gives a table to the module whose folder defines it, otherwise to the one that its name begins with', async () => {
    const found = await boundariesOf({
      'orders/index.js': EMPTY,
      'orders/archive/index.js': EMPTY,
      'users/schema.sql': 'CREATE TABLE order_notes (id int);',
      'users/index.js': "db.query('INSERT INTO order_items (id) VALUES (1)');",
    });
    expect(found.tables.map(({ name, owner, ownedBy }) => [name, owner, ownedBy])).to.deep.equal([
      ['order_items', 'orders', 'name'],
      ['order_notes', 'users', 'definition'],
    ]);
  });

  it('finds keys of the session that another module writes, in every form of access', async () => {
    const found = await boundariesOf({
      'auth/index.js': `export const signIn = (req) => { req.session.user = { id: 1 }; req.session['role'] = 'x'; };`,
      'shop/index.js': `export const a = (req) => req.session.user.id;
        export const b = (request) => { const { role } = request.session; return role; };
        export const c = (req) => { const { session } = req; delete session.user; };
        export const d = (req) => { req.session.basket = []; return req.session.destroy(); };`,
    });
    expect(couplingNames(found)).to.deep.equal(['session shop -> auth: role', 'session shop -> auth: user']);
    expect(found.couplings.map(({ access, lines }) => [access, ...lines])).to.deep.equal([
      ['read', 2],
      ['write', 1, 3],
    ]);
  });

  it('finds state in variables, in global and in app.locals, but not constants', async () => {
    const found = await boundariesOf({
      'a/state.js': `export let counter = 0;
        export const add = () => { counter += 1; };
        export const table = { x: 1 };
        export const seen = new Set();
        export const list = [];
        list.push(1);`,
      'a/index.js': "app.locals.region = 'eu';\nglobalThis.flags = {};",
      'b/index.js': `import { counter, list, seen, table } from '../a/state.js';
        export const all = () => [counter, table.x, list[0], seen.add(1), app.locals.region, global.flags, globalThis.URL];`,
    });
    expect(couplingNames(found).filter((name) => name.startsWith('state'))).to.deep.equal([
      'state b -> a: a/state.js#counter',
      'state b -> a: a/state.js#list',
      'state b -> a: a/state.js#seen',
      'state b -> a: app.locals.region',
      'state b -> a: global.flags',
    ]);
  });

  it('reports text that only looks like SQL as unread when nothing defines its table', async () => {
    const found = await boundariesOf({
      'schema.sql': 'CREATE TABLE a_rows (id int);',
      'a/index.js': "export const help = 'SELECT something FROM list';",
      'b/index.js': "export const text = 'SELECT id FROM a_rows';",
    });
    expect(found.unread).to.deep.equal([
      { file: 'a/index.js', line: 1, reason: 'this text looks like SQL, but nothing defines the table list' },
    ]);
    expect(tableUses(found)).to.deep.equal(['b reads a_rows']);
  });

  it('reads SQL with the placeholders and quotes of other databases', async () => {
    const found = await boundariesOf({
      'a/index.js': "db.query('SELECT `id` FROM `cats` WHERE id = ? AND n = :name', [1]);",
      'b/index.js': EMPTY,
    });
    expect(tableUses(found)).to.deep.equal(['a reads cats']);
    expect(found.unread).to.deep.equal([]);
  });
});

describe('couplings of the database', () => {
  before(() => loadSqlParser());

  const MODULES = { 'a/index.js': EMPTY, 'b/index.js': EMPTY };

  it('applies drops and renames of later migrations', async () => {
    const found = await boundariesOf({
      ...MODULES,
      'migrations/1.sql': `CREATE TABLE b_rows (id int PRIMARY KEY);
        CREATE TABLE a_rows (b_id int REFERENCES b_rows, other int CONSTRAINT second REFERENCES b_rows);
        CREATE TABLE a_old (b_id int REFERENCES b_rows);`,
      'migrations/2.sql':
        'DROP TABLE a_old; ALTER TABLE a_rows DROP CONSTRAINT second; ALTER TABLE b_rows RENAME TO b_items;',
      'migrations/2.down.sql': 'CREATE TABLE a_old (b_id int REFERENCES b_rows);',
    });
    expect(couplingNames(found)).to.deep.equal(['foreign-key a -> b: a_rows_b_id_fkey -> b_items']);
  });

  it('follows a function that SQL calls to the tables that the function writes', async () => {
    const found = await boundariesOf({
      ...MODULES,
      'a/index.js': "db.query('SELECT touch($1)');",
      'schema.sql':
        'CREATE TABLE b_rows (n int); CREATE FUNCTION touch(x int) RETURNS void LANGUAGE sql AS $$ UPDATE b_rows SET n = x $$;',
    });
    expect(tableUses(found)).to.deep.equal(['a writes b_rows']);
  });

  it('adds objects that only the database has, and counts the calls of statements', async () => {
    const schema = createSchemaBuilder();
    for (const event of readDdl(`CREATE TABLE b_rows (id int PRIMARY KEY);
      CREATE TABLE a_rows (b_id int CONSTRAINT only_there REFERENCES b_rows);
      CREATE VIEW a_view AS SELECT * FROM b_rows;`))
      schema.add(event, null);
    const found = await boundariesOf(
      { ...MODULES, 'a/index.js': "db.query('SELECT  id FROM b_rows WHERE id = $1', [7]);" },
      {
        database: {
          schema: schema.build(),
          statements: [
            { sql: 'SELECT id FROM b_rows WHERE id = $1', calls: 40 },
            { sql: 'SELECT count(*) FROM b_rows', calls: 2 },
            { sql: 'SELECT truncat', calls: 5 },
          ],
        },
      },
    );
    expect(found.couplings.map(({ name, file, calls }) => [name, file, calls])).to.deep.equal([
      ['only_there -> b_rows', null, null],
      ['b_rows', 'a/index.js', 40],
      ['a_view -> b_rows', null, null],
    ]);
    expect(found.tables.find(({ name }) => name === 'b_rows')?.calls).to.equal(42);
    expect(found.statements).to.equal('counted');
  });
});
