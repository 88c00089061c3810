import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { TOKEN_AUDIENCE } from '../../contracts/tokens.ts';
import { migrate, migrateDown } from '../../registry-api/store/migrate.ts';
import { createDatabase } from '../support/postgres.ts';
import { MIGRATIONS } from './support/registry.ts';

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** All schema objects that a migration could leave behind or change. */
const fingerprint = (url: string): Promise<unknown[]> =>
  query(
    url,
    `SELECT 'column' AS kind, table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS what
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
     UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
     UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
        AND conrelid <> 'schema_migrations'::regclass
     UNION ALL SELECT 'function', proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
     UNION ALL SELECT 'trigger', tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal
     ORDER BY 1, 2`,
  );

describe('migrations', function () {
  it('runs migrations once when 20 clients start them at the same moment', async () => {
    const url = await createDatabase();
    const results = await Promise.all(Array.from({ length: 20 }, () => migrate(url, MIGRATIONS)));
    const workers = results.filter((applied) => applied.length > 0);
    expect(workers).to.have.length(1);
    const rows = await query<{ name: string }>(url, 'SELECT name FROM schema_migrations ORDER BY name');
    expect(rows.map((row) => row.name)).to.deep.equal(workers[0]);
  });

  it('undoes each migration and applies it again to the same schema', async () => {
    const url = await createDatabase();
    const names = await migrate(url, MIGRATIONS);
    const there = await fingerprint(url);
    expect(await migrateDown(url, MIGRATIONS, null)).to.deep.equal([...names].reverse());
    expect(await fingerprint(url)).to.deep.equal([]);
    expect(await migrate(url, MIGRATIONS)).to.deep.equal(names);
    expect(await fingerprint(url)).to.deep.equal(there);
  });

  it('records the audience of services that were exported before services had one of their own', async () => {
    const url = await createDatabase();
    await migrate(url, MIGRATIONS);
    await migrateDown(url, MIGRATIONS, '0013_shared_tables.sql');
    const insert = (id: string, deployment: object): Promise<unknown> =>
      query(
        url,
        `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment)
         VALUES ('${id}', 'http://127.0.0.1:9', 'apps', '${JSON.stringify(deployment)}')`,
      );
    await insert('older', { replicas: 1 });
    await insert('newer', { replicas: 1, audience: 'tool:newer' });
    await migrate(url, MIGRATIONS);
    const rows = await query(url, 'SELECT tool_id, deployment FROM tool_routes ORDER BY 1');
    expect(rows).to.deep.equal([
      { tool_id: 'newer', deployment: { replicas: 1, audience: 'tool:newer' } },
      { tool_id: 'older', deployment: { replicas: 1, audience: TOKEN_AUDIENCE } },
    ]);
  });

  it('runs the example query of the feature catalogue unchanged', async () => {
    const url = await createDatabase();
    await migrate(url, MIGRATIONS);
    await query(
      url,
      `INSERT INTO tool_registry (tool_id, name, version, status, route, api_base) VALUES
         ('a', 'A', '1.0.0', 'active', '/tools/a', '/api/tools/a'), ('b', 'B', '1.0.0', 'beta', '/tools/b', '/api/tools/b')`,
    );
    const rows = await query(
      url,
      `SELECT tool_id, name, status, is_exported
       FROM tool_registry
       WHERE status = 'active' AND is_exported = false;`,
    );
    expect(rows).to.deep.equal([{ tool_id: 'a', name: 'A', status: 'active', is_exported: false }]);
  });

  describe('from other folders', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'generator-platform-migrations-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('rolls a failing file back, and keeps earlier ones', async () => {
      const url = await createDatabase();
      await writeFile(path.join(folder, '0001_good.sql'), 'CREATE TABLE good (n int)');
      await writeFile(path.join(folder, '0002_bad.sql'), 'CREATE TABLE half (n int); SELECT 1 / 0;');
      const error = await migrate(url, folder).catch((e: unknown) => e);
      expect(error).to.have.property('code', 'migration-failed');
      expect((error as Error).message)
        .to.include('0002_bad.sql')
        .and.include('division by zero');
      const tables = await query(url, `SELECT to_regclass('good') AS good, to_regclass('half') AS half`);
      expect(tables).to.deep.equal([{ good: 'good', half: null }]);
      await writeFile(path.join(folder, '0002_bad.sql'), 'CREATE TABLE half (n int)');
      expect(await migrate(url, folder)).to.deep.equal(['0002_bad.sql']);
    });

    for (const ending of ['COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT half_way', 'ROLLBACK; BEGIN'])
      it(`refuses ${ending} in a file, and applies no part of it`, async () => {
        const url = await createDatabase();
        const file = path.join(folder, '0001_parts.sql');
        await writeFile(file, `CREATE TABLE half (n int);\n${ending};\nCREATE TABLE other_half (n int);`);
        const error = await migrate(url, folder).catch((e: unknown) => e);
        expect((error as Error).message)
          .to.include('0001_parts.sql')
          .and.include('transaction commands');
        const tables = await query(
          url,
          `SELECT to_regclass('half') AS half, to_regclass('other_half') AS other`,
        );
        expect(tables).to.deep.equal([{ half: null, other: null }]);
      });

    it('names the line of an error that PostgreSQL can place', async () => {
      const url = await createDatabase();
      await writeFile(path.join(folder, '0001_x.sql'), "-- 'é'\nSELECT $$;$$;\n\nSELECT no_such_column;");
      const error = await migrate(url, folder).catch((e: unknown) => e);
      expect((error as Error).message).to.include('0001_x.sql:4: column "no_such_column" does not exist');
    });

    it('refuses a folder without migrations, and ignores other files', async () => {
      const url = await createDatabase();
      await writeFile(path.join(folder, 'notes.sql'), 'CREATE TABLE notes (n int)');
      for (const empty of [folder, path.join(folder, 'missing')]) {
        const error = await migrate(url, empty).catch((e: unknown) => e);
        expect(error).to.have.property('code', 'migration-failed');
        expect((error as Error).message).to.include(`${empty} has no migrations`);
      }
      expect(await query(url, `SELECT to_regclass('notes') AS notes`)).to.deep.equal([{ notes: null }]);
    });

    it('derives from the errors of earlier jobs how their exports ended', async () => {
      const url = await createDatabase();
      await cp(MIGRATIONS, folder, { recursive: true, filter: (file) => !/001[45]_/.test(file) });
      await migrate(url, folder);
      await query(
        url,
        `INSERT INTO export_jobs (tool_id, status, error) VALUES
           ('completed', 'completed', NULL), ('waiting', 'pending', NULL), ('returned', 'rolled_back', NULL),
           ('failed', 'rolled_back', '{"code": "step-failed"}'), ('stopped', 'rolled_back', '{"code": "cancelled"}'),
           ('incomplete', 'rollback_failed', '{"code": "step-failed"}'), ('died', 'rolled_back', NULL);
         INSERT INTO export_job_steps (job_id, id, ordinal, title, status)
         SELECT id, 'health', 6, 'Health', CASE tool_id WHEN 'died' THEN 'pending' ELSE 'completed' END
           FROM export_jobs WHERE tool_id IN ('died', 'returned')`,
      );
      await migrate(url, MIGRATIONS);
      const rows = await query<{ tool_id: string; outcome: string | null }>(
        url,
        'SELECT tool_id, outcome FROM export_jobs',
      );
      expect(Object.fromEntries(rows.map((row) => [row.tool_id, row.outcome]))).to.deep.equal({
        ...{ completed: 'completed', waiting: null, returned: 'completed', failed: 'failed' },
        ...{ stopped: 'cancelled', incomplete: 'failed', died: 'interrupted' },
      });
    });

    it('refuses a file that was edited after it was applied', async () => {
      const url = await createDatabase();
      await cp(MIGRATIONS, folder, { recursive: true });
      await migrate(url, folder);
      const file = path.join(folder, '0001_tools.sql');
      await writeFile(file, `${await readFile(file, 'utf8')}-- later\n`);
      const error = await migrate(url, folder).catch((e: unknown) => e);
      expect(error).to.have.property('code', 'migration-failed');
      expect((error as Error).message)
        .to.include('0001_tools.sql')
        .and.include('new migration');
    });

    it('refuses a database that a newer version has migrated', async () => {
      const url = await createDatabase();
      await copyFile(path.join(MIGRATIONS, '0001_tools.sql'), path.join(folder, '0001_tools.sql'));
      await writeFile(path.join(folder, '0099_newer.sql'), 'SELECT 1');
      await migrate(url, folder);
      await rm(path.join(folder, '0099_newer.sql'));
      const error = await migrate(url, folder).catch((e: unknown) => e);
      expect((error as Error).message)
        .to.include('0099_newer.sql')
        .and.include('newer version');
    });
  });
});
