import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { createDatabase } from '../../../support/postgres.ts';
import { backendOver, call, makeRepository, openPlatform, type TestRepository } from '../repository.ts';

type OpenPlatform = Awaited<ReturnType<typeof openPlatform>>;
type Declaration = string | { readonly name: string; readonly sharedWith: readonly string[] };

const manifestOf = (...tables: readonly Declaration[]): object => ({
  permissions: ['rows:read', 'rows:write'],
  databaseSchema: { tables },
});
const creating = (table: string): Readonly<Record<string, string>> => ({
  'backend/index.ts': backendOver(table),
  'database/migrations/001-create.sql': `CREATE TABLE ${table} (name text PRIMARY KEY);`,
});

describe('the database of a tool in the monolith', () => {
  let repository: TestRepository;
  let platform: OpenPlatform;
  let admin: pg.Client;

  const rows = (tool: string) => call(`http://127.0.0.1:${platform.port}/api/tools/${tool}/rows`);
  const add = (tool: string, name: string) =>
    call(`http://127.0.0.1:${platform.port}/api/tools/${tool}/rows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
  const valueOf = async (sql: string, values: readonly unknown[] = []): Promise<unknown> => {
    const { rows: found } = await admin.query<Record<string, unknown>>(sql, [...values]);
    return Object.values(found[0] ?? {})[0];
  };
  const reasonOf = async (tool: string): Promise<string> => {
    await platform.host.sync(tool);
    return reasonAfter(tool);
  };
  /** Why the tool does not run since its last sync. */
  const reasonAfter = async (tool: string): Promise<string> => {
    const answer = await rows(tool);
    expect(answer.status, answer.text).to.equal(503);
    return String((answer.body as { detail: unknown }).detail);
  };
  const secretOf = async (name: string): Promise<string> =>
    (await readFile(path.join(repository.root, '.platform/secrets', name), 'utf8')).trim();
  const connectAs = async (role: string, password: string): Promise<pg.Client> => {
    const url = new URL(platform.databaseUrl);
    url.username = role;
    url.password = password;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    return client;
  };

  before(async () => {
    repository = await makeRepository();
    await repository.writeTool('ledger', manifestOf('ledger_rows'), creating('ledger_rows'));
    platform = await openPlatform(repository.root);
    admin = new pg.Client({ connectionString: platform.databaseUrl });
    await admin.connect();
  });
  after(async () => {
    await admin.end();
    await platform.close();
    await repository.remove();
  });

  describe('table ownership', () => {
    it('belongs to the role of the migrations, not to the role of requests', async () => {
      expect(
        await valueOf(`SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'ledger_rows'`),
      ).to.equal('tool__ledger__owner');
      expect((await add('ledger', 'first')).status).to.equal(201);
      const runtime = await connectAs('tool__ledger', await secretOf('monolith-ledger.password'));
      for (const sql of [
        'ALTER TABLE ledger_rows ADD more int',
        'DROP TABLE ledger_rows',
        'CREATE TABLE x ()',
      ])
        expect(
          await runtime.query(sql).catch((error: unknown) => (error as { code: string }).code),
          sql,
        ).to.equal('42501');
      await runtime.end();
    });

    it('refuses a tool that declares a table of another tool, and grants it nothing', async () => {
      await repository.writeTool('greedy', manifestOf('ledger_rows'), {
        'backend/index.ts': backendOver('ledger_rows'),
      });
      expect(await reasonOf('greedy')).to.match(
        /tools\/greedy\/manifest\.json \/databaseSchema\/tables\/0: "ledger_rows" belongs to the tool ledger, which does not share it with greedy\. .*"sharedWith": \["greedy"\]/,
      );
      expect(await valueOf(`SELECT has_table_privilege('tool__greedy', 'ledger_rows', 'SELECT')`)).to.equal(
        false,
      );
      expect((await rows('ledger')).status).to.equal(200);
    });

    it('refuses a table that no migration created, and says how it can be transferred', async () => {
      await admin.query('CREATE TABLE by_hand (name text)');
      await repository.writeTool('handy', manifestOf('by_hand'), {
        'backend/index.ts': backendOver('by_hand'),
      });
      const reason = await reasonOf('handy');
      expect(reason).to.include('"by_hand" was created by no migration of handy');
      const [statement = ''] = /ALTER TABLE .*?;/.exec(reason) ?? [];
      await admin.query(statement);
      await platform.host.sync('handy');
      expect((await rows('handy')).status).to.equal(200);
    });

    for (const table of ['tool_routes', 'pg_catalog.pg_authid', 'information_schema.role_table_grants'])
      it(`refuses ${table} in the manifest`, async () => {
        await repository.writeTool('climber', manifestOf(table), { 'backend/index.ts': backendOver(table) });
        expect(await reasonOf('climber')).to.include(`/databaseSchema/tables/0: "${table}" belongs to`);
      });

    it('refuses the registration of a tool with a table of another tool', async () => {
      const register = (tables: readonly Declaration[]) =>
        call(`http://127.0.0.1:${platform.port}/api/tools`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id: 'late', name: 'Late', databaseSchema: { tables } }),
        });
      const refused = await register(['own_rows', 'ledger_rows']);
      expect([refused.status, (refused.body as { code: string }).code]).to.deep.equal([
        422,
        'manifest-invalid',
      ]);
      const { errors } = refused.body as { errors: { pointer: string; message: string }[] };
      expect(errors.map(({ pointer }) => pointer)).to.deep.equal(['/databaseSchema/tables/1']);
      expect((await register(['own_rows'])).status).to.equal(201);
    });

    it('lets a tool use a shared table, whichever of the two starts first, until it is no longer shared', async () => {
      await repository.writeTool('borrower', manifestOf('pantry'), {
        'backend/index.ts': backendOver('pantry'),
      });
      await platform.host.sync('borrower');
      const shared = { name: 'pantry', sharedWith: ['borrower'] };
      await repository.writeTool('lender', manifestOf(shared), creating('pantry'));
      await platform.host.sync('lender');
      expect((await add('borrower', 'flour')).status).to.equal(201);
      expect((await rows('lender')).body).to.deep.equal([{ name: 'flour' }]);

      await repository.write(
        'tools/borrower/database/migrations/001-use.sql',
        'CREATE TABLE uses (name text REFERENCES pantry (name));',
      );
      await platform.host.sync('borrower');
      expect((await rows('borrower')).status).to.equal(200);

      await repository.writeTool('lender', manifestOf('pantry'), {});
      await platform.host.sync('lender');
      expect((await rows('borrower')).body).to.include({ code: 'undeclared-table' });
      await repository.write('tools/borrower/backend/touch.ts', 'export {};');
      expect(await reasonOf('borrower')).to.include(
        'belongs to the tool lender, which does not share it with borrower',
      );
    });
  });

  describe('migrations', () => {
    const hostile: Record<string, { readonly sql: string; readonly reason: RegExp }> = {
      'a program of the server': {
        sql: `CREATE TABLE half_a (x text); COPY half_a FROM PROGRAM 'id';`,
        reason: /permission denied to COPY .*runs as the role tool__hostile__owner/s,
      },
      'a file of the server': {
        sql: `CREATE TABLE half_a (x text); SELECT pg_read_file('PG_VERSION');`,
        reason: /permission denied for function pg_read_file/,
      },
      'a role attribute, in dynamic SQL': {
        sql: `CREATE TABLE half_a (x text); DO $$ BEGIN EXECUTE 'ALTER ROLE tool__hostile CREATEROLE'; END $$;`,
        reason: /permission denied to alter role/,
      },
      'the role of the platform': {
        sql: 'CREATE TABLE half_a (x text); RESET ROLE; SET ROLE postgres;',
        reason: /permission denied to set role "postgres"/,
      },
      'a table of the platform': {
        sql: `CREATE TABLE half_a (x text); INSERT INTO tool_routes DEFAULT VALUES;`,
        reason: /permission denied for table tool_routes/,
      },
      'a table of another tool': {
        sql: 'CREATE TABLE half_a (x text); DROP TABLE ledger_rows;',
        reason: /must be owner of table ledger_rows/,
      },
      'a commit in the middle': {
        sql: 'CREATE TABLE half_a (x text);\n\nCOMMIT;\nSELECT 1/0;',
        reason: /001-hostile\.sql:3: a file is applied in one transaction/,
      },
      'an extension that reads other databases': {
        sql: 'CREATE TABLE half_a (x text);\nCREATE EXTENSION IF NOT EXISTS dblink;',
        reason:
          /001-hostile\.sql:2: a migration may not create the extension dblink\. A database administrator/,
      },
      'a schema of the platform': {
        sql: 'CREATE TABLE half_a (x text);\nCREATE SCHEMA platform_fence;',
        reason: /001-hostile\.sql:2: the schema platform_fence belongs to the platform/,
      },
    };
    for (const [what, { sql, reason }] of Object.entries(hostile))
      it(`refuses a migration that uses ${what}, and rolls it back completely`, async () => {
        await repository.writeTool('hostile', manifestOf(), {
          'backend/index.ts': backendOver('half_a'),
          'database/migrations/001-hostile.sql': sql,
        });
        expect(await reasonOf('hostile')).to.match(reason);
        expect(await valueOf(`SELECT to_regclass('half_a')`)).to.equal(null);
        expect(await valueOf(`SELECT count(*)::int FROM tool_migrations WHERE tool_id = 'hostile'`)).to.equal(
          0,
        );
      });

    it('refuses a commit that only PostgreSQL sees', async () => {
      await repository.write(
        'tools/hostile/database/migrations/001-hostile.sql',
        'CREATE TABLE half_a (x text); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; CALL p();',
      );
      expect(await reasonOf('hostile')).to.include('invalid transaction termination');
      expect(await valueOf(`SELECT to_regclass('half_a')`)).to.equal(null);
    });

    it('creates extensions of the allow-list and schemas for the tool', async () => {
      await repository.writeTool('storage', manifestOf('depot.boxes'), {
        'backend/index.ts': backendOver('depot.boxes'),
        'database/migrations/001-boxes.sql':
          'CREATE EXTENSION citext;\nCREATE SCHEMA depot;\nCREATE TABLE depot.boxes (name citext);',
        'database/migrations/001-boxes.down.sql':
          'DROP TABLE depot.boxes; DROP SCHEMA depot; DROP EXTENSION citext;',
      });
      await platform.host.sync('storage');
      expect((await add('storage', 'a')).status).to.equal(201);
      expect(
        await valueOf(`SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'depot'`),
      ).to.equal('tool__storage__owner');
    });

    it('limits the time of migrations that the platform applies', async () => {
      await repository.writeTool('timed', manifestOf('limits'), {
        'backend/index.ts': backendOver('limits'),
        'database/migrations/001-limits.sql': `CREATE TABLE limits AS SELECT current_setting('statement_timeout') AS name;`,
      });
      await platform.host.sync('timed');
      expect((await rows('timed')).body).to.deep.equal([{ name: '2min' }]);
    });

    it('a migration that hangs stops its tool only: others are reloaded meanwhile', async () => {
      await repository.writeTool('sleeper', manifestOf(), {
        'backend/index.ts': backendOver('nothing'),
        'database/migrations/001-sleep.sql': 'SELECT pg_sleep(600);',
      });
      const sleeping = platform.host.sync('sleeper');
      const isAsleep = `SELECT pid FROM pg_stat_activity WHERE application_name = 'platform:migrations'
        AND datname = current_database() AND wait_event = 'PgSleep'`;
      while ((await admin.query(isAsleep)).rowCount === 0)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await repository.write('tools/ledger/backend/touch.ts', 'export const touched = true;');
      const states = await platform.host.sync('ledger');
      expect(states.find(({ id }) => id === 'ledger')?.problem).to.equal(null);
      expect((await rows('ledger')).status).to.equal(200);
      await admin.query(`SELECT pg_cancel_backend(pid) FROM (${isAsleep}) AS sleeping`);
      await sleeping;
      expect(await reasonAfter('sleeper')).to.include('npm run tool:migrate -- --tool-id=sleeper');
    });

    it('a migration cannot forge the ledger of another tool', async () => {
      const owner = await connectAs(
        'tool__storage__owner',
        await secretOf('monolith-storage.owner.password'),
      );
      const forged = `INSERT INTO tool_migrations (tool_id, kind, name, checksum) VALUES ($1, 'migration', '9.sql', '')`;
      expect(
        await owner.query(forged, ['ledger']).catch((error: unknown) => (error as { code: string }).code),
      ).to.equal('42501');
      const { rows: seen } = await owner.query<{ tool: string }>(
        'SELECT DISTINCT tool_id AS tool FROM tool_migrations',
      );
      expect(seen).to.deep.equal([{ tool: 'storage' }]);
      await owner.end();
    });
  });

  describe('roles', () => {
    it('removes attributes, memberships and settings that a role should not have at the next start', async () => {
      await admin.query(`
        ALTER ROLE tool__ledger SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS CONNECTION LIMIT -1;
        ALTER ROLE tool__ledger SET statement_timeout = 0;
        ALTER ROLE tool__ledger__owner CREATEROLE;
        GRANT pg_execute_server_program, pg_read_all_data TO tool__ledger__owner`);
      await repository.write('tools/ledger/backend/touch.ts', 'export {};');
      await platform.host.sync('ledger');
      const { rows: roles } = await admin.query(
        `SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS more,
                rolconnlimit > 0 AS limited, rolconfig,
                (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS groups
           FROM pg_roles r WHERE rolname IN ('tool__ledger', 'tool__ledger__owner') ORDER BY 1`,
      );
      const settings = [
        'temp_file_limit=1GB',
        'idle_in_transaction_session_timeout=60000ms',
        'statement_timeout=30000ms',
      ];
      const same = { more: false, limited: true, groups: 0 };
      expect(roles).to.deep.equal([
        { rolname: 'tool__ledger', rolconfig: settings, ...same },
        { rolname: 'tool__ledger__owner', rolconfig: null, ...same },
      ]);
    });

    it('a role cannot take all connections of the server', async () => {
      const password = await secretOf('monolith-ledger.password');
      const opened: pg.Client[] = [];
      let refusal: unknown;
      while (refusal === undefined && opened.length < 100)
        await connectAs('tool__ledger', password).then(
          (client) => opened.push(client),
          (error: unknown) => (refusal = (error as { code: unknown }).code),
        );
      await Promise.all(opened.map((client) => client.end()));
      expect(refusal).to.equal('53300');
      expect(opened.length).to.be.within(8, 30);
    });
  });

  it('ends the session of a tool that keeps the lock of set-ups', async () => {
    const thief = await connectAs('tool__ledger', await secretOf('monolith-ledger.password'));
    thief.on('error', () => undefined);
    await thief.query(`SELECT pg_advisory_lock(hashtextextended('platform: set-up of tools', 0))`);
    await repository.write('tools/ledger/backend/touch.ts', 'export const again = 1;');
    const states = await platform.host.sync('ledger');
    expect(states.find(({ id }) => id === 'ledger')?.problem).to.equal(null);
    expect(await thief.query('SELECT 1').catch(() => 'ended')).to.equal('ended');
  });

  it('sets up any number of tools at once, however long another process holds the lock', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `crowd-${i}`);
    for (const id of ids) {
      const table = id.replace('-', '_');
      await repository.writeTool(id, manifestOf(table), creating(table));
    }
    await admin.query(`SELECT pg_advisory_lock(hashtextextended('platform: set-up of tools', 0))`);
    const done = platform.host.sync();
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // longer than a pool waits for a connection
    await admin.query('SELECT pg_advisory_unlock_all()');
    const states = (await done).filter(({ id }) => ids.includes(id));
    expect(states.map(({ problem }) => problem)).to.deep.equal(ids.map(() => null));
  });
});

describe('the sample rows of a tool', () => {
  const FILES = {
    ...creating('authors'),
    'database/migrations/002-books.sql':
      'CREATE TABLE books (name text, author text REFERENCES authors (name));',
    'database/seeds/1-books.sql': `INSERT INTO books VALUES ('Emma', 'Austen');`,
    'database/seeds/2-authors.sql': `INSERT INTO authors VALUES ('Woolf');`,
    'database/seeds/3-commit.sql': `INSERT INTO authors VALUES ('Half'); COMMIT;`,
  };
  it('skips each file of sample rows that fails, and never stops the tool', async () => {
    const repository = await makeRepository();
    await repository.writeTool('library', manifestOf('authors', 'books'), FILES);
    const platform = await openPlatform(repository.root);
    const names = `http://127.0.0.1:${platform.port}/api/tools/library/rows`;
    expect((await call(names)).body).to.deep.equal([{ name: 'Woolf' }]);
    await repository.write(
      'tools/library/database/seeds/1-books.sql',
      `INSERT INTO books VALUES ('Orlando', 'Woolf');`,
    );
    await platform.host.sync('library');
    const admin = new pg.Client({ connectionString: platform.databaseUrl });
    await admin.connect();
    expect((await admin.query('SELECT name FROM books')).rows).to.deep.equal([{ name: 'Orlando' }]);
    await admin.query('DELETE FROM books');
    await repository.write('tools/library/backend/touch.ts', 'export {};');
    await platform.host.sync('library');
    expect((await admin.query('SELECT name FROM books')).rows, 'runs once').to.deep.equal([]);
    await admin.end();
    await platform.close();
    await repository.remove();
  });

  it('inserts no sample rows in production mode', async () => {
    const repository = await makeRepository();
    await repository.writeTool('library', manifestOf('authors'), {
      ...creating('authors'),
      'database/seeds/authors.sql': `INSERT INTO authors VALUES ('Woolf');`,
    });
    const platform = await openPlatform(repository.root, { PLATFORM_MODE: 'production' });
    const admin = new pg.Client({ connectionString: platform.databaseUrl });
    await admin.connect();
    expect((await admin.query('SELECT FROM authors')).rowCount).to.equal(0);
    expect((await admin.query(`SELECT FROM tool_migrations WHERE kind = 'seed'`)).rowCount).to.equal(0);
    await admin.end();
    await platform.close();
    await repository.remove();
  });
});

describe('a platform whose database user is no superuser', () => {
  it('runs migrations, extensions, schemas and sharing', async () => {
    const url = new URL(await createDatabase());
    const admin = new pg.Client({ connectionString: url.href });
    await admin.connect();
    await admin.query(`CREATE ROLE modest LOGIN CREATEROLE CREATEDB PASSWORD 'x'`);
    await admin.query(`ALTER DATABASE "${url.pathname.slice(1)}" OWNER TO modest`);
    await admin.end();
    Object.assign(url, { username: 'modest', password: 'x' });
    const repository = await makeRepository();
    await repository.writeTool('modest-a', manifestOf({ name: 'modest_rows', sharedWith: ['modest-b'] }), {
      'backend/index.ts': backendOver('modest_rows'),
      'database/migrations/001.sql':
        'CREATE EXTENSION citext; CREATE SCHEMA modest; CREATE TABLE modest_rows (name citext); CREATE TABLE modest.more ();',
    });
    await repository.writeTool('modest-b', manifestOf('modest_rows'), {
      'backend/index.ts': backendOver('modest_rows'),
    });
    for (const start of ['first', 'second']) {
      const platform = await openPlatform(repository.root, { DATABASE_URL: url.href });
      const problems = platform.host.states().map(({ problem }) => problem);
      expect(problems, `${start} start`).to.deep.equal([null, null]);
      const shared = await call(`http://127.0.0.1:${platform.port}/api/tools/modest-b/rows`);
      expect(shared.body).to.deep.equal([]);
      await platform.close();
    }
    await repository.remove();
  });
});

describe('a database of an earlier release', () => {
  const CREATE = `CREATE TYPE veteran_state AS ENUM ('fit'); CREATE SEQUENCE veteran_numbers;
    CREATE TABLE veterans (id bigserial, name text, state veteran_state); ALTER TABLE veterans RENAME TO soldiers;
    CREATE VIEW veteran_names AS SELECT name FROM soldiers;
    CREATE FUNCTION veteran_count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM soldiers';`;
  let repository: TestRepository;
  let admin: pg.Client;
  let databaseUrl: string;

  before(async () => {
    repository = await makeRepository();
    databaseUrl = await createDatabase();
    admin = new pg.Client({ connectionString: databaseUrl });
    await admin.connect();
    await admin.query(CREATE);
    await admin.query(`CREATE ROLE tool_veteran LOGIN PASSWORD 'before';
      GRANT SELECT, INSERT ON soldiers TO tool_veteran; INSERT INTO soldiers (name) VALUES ('Ada');
      CREATE TABLE tool_migrations (tool_id text NOT NULL, kind text NOT NULL, name text NOT NULL, checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tool_id, kind, name))`);
  });
  after(async () => {
    await admin.end();
    await repository.remove();
  });

  it('gives the tools what their applied migrations created, under roles with the new names', async () => {
    await repository.writeTool('veteran', manifestOf('soldiers'), {
      'backend/index.ts': backendOver('soldiers'),
      'database/migrations/001-create.sql': CREATE,
      'database/migrations/002-more.sql': `ALTER TABLE soldiers ADD rank text; ALTER TYPE veteran_state ADD VALUE 'hurt';
        CREATE OR REPLACE FUNCTION veteran_count() RETURNS bigint LANGUAGE sql AS 'SELECT 1';
        DROP VIEW veteran_names; DROP SEQUENCE veteran_numbers;`,
    });
    const { createHash } = await import('node:crypto');
    const checksum = createHash('sha256').update(CREATE).digest('hex');
    await admin.query(`INSERT INTO tool_migrations VALUES ('veteran', 'migration', '001-create.sql', $1)`, [
      checksum,
    ]);
    const platform = await openPlatform(repository.root, { DATABASE_URL: databaseUrl });
    const answer = await call(`http://127.0.0.1:${platform.port}/api/tools/veteran/rows`);
    expect(answer.body, answer.text).to.deep.equal([{ name: 'Ada' }]);
    const { rows: roles } = await admin.query<{ name: string }>(
      `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'tool%veteran%' ORDER BY 1`,
    );
    expect(roles.map(({ name }) => name)).to.deep.equal(['tool__veteran', 'tool__veteran__owner']);
    await platform.close();
  });

  it('leaves a role that belongs to an exported service to that service, with its own password', async () => {
    const database = 'tool_relic_db';
    await admin.query(`CREATE ROLE tool_relic_app LOGIN PASSWORD 'overwritten by the tool relic-app'`);
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.query('CREATE TABLE relics (name text); GRANT SELECT ON relics TO tool_relic_app');
    await repository.write('.platform/secrets/tool_relic_app', 'of the service\n');
    await repository.writeTool('relic-app', manifestOf('relic_rows'), creating('relic_rows'));
    const platform = await openPlatform(repository.root, { DATABASE_URL: databaseUrl });
    expect((await call(`http://127.0.0.1:${platform.port}/api/tools/relic-app/rows`)).status).to.equal(200);
    const url = new URL(databaseUrl);
    Object.assign(url, { username: 'tool_relic_app', password: 'of the service', pathname: `/${database}` });
    const service = new pg.Client({ connectionString: url.href });
    await service.connect();
    await service.end();
    const { rows: granted } = await admin.query(
      `SELECT has_table_privilege('tool_relic_app', 'relics', 'SELECT') AS may`,
    );
    expect(granted).to.deep.equal([{ may: false }]);
    await platform.close();
    await admin.query(`DROP DATABASE ${database}`);
  });
});
