import { expect } from 'chai';
import { createDatabase, testCluster } from '../support/postgres.ts';
import { asRole, extract, extractAll, findingsOf, newPair } from './support/extract.ts';
import { query } from './support/server.ts';

const role = `reader_${process.pid}`;

/** Every privilege on an object of schema `app`, by name. */
const PRIVILEGES = `
SELECT name, a.grantee::regrole::text AS grantee, a.privilege_type, a.is_grantable FROM (
  SELECT relname AS name, coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner)) AS acl
    FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')
  UNION ALL SELECT proname, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE pronamespace = 'app'::regnamespace
  UNION ALL SELECT typname, coalesce(typacl, acldefault('T', typowner)) FROM pg_type WHERE typnamespace = 'app'::regnamespace AND typtype IN ('e', 'd')
  UNION ALL SELECT nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname = 'app'
) objects, aclexplode(acl) a ORDER BY 1, 2, 3`;

describe('privileges in the target', () => {
  before(async () => {
    await query((await testCluster()).adminUrl, `CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
  });

  it('grants the privileges of the source, whatever the default privileges of the target', async () => {
    const pair = await newPair(
      `CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('calm'); CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
       CREATE TABLE app.t (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, m app.mood, CHECK (app.f(id) > 0)); GRANT UPDATE ON app.t TO ${role};
       CREATE TABLE app.plain (id int); CREATE VIEW app.v AS SELECT * FROM app.t; CREATE MATERIALIZED VIEW app.m AS SELECT * FROM app.plain`,
    );
    const target = await createDatabase();
    await query(
      target,
      ['TABLES', 'SEQUENCES', 'FUNCTIONS', 'TYPES', 'SCHEMAS']
        .flatMap((kind) => [
          `ALTER DEFAULT PRIVILEGES GRANT ALL ON ${kind} TO ${role}`,
          ...(kind === 'FUNCTIONS' || kind === 'TYPES'
            ? [`ALTER DEFAULT PRIVILEGES REVOKE ALL ON ${kind} FROM PUBLIC`]
            : []),
        ])
        .join(';'),
    );
    await extractAll({ ...pair, target }, 'app.t,app.plain');
    expect(await query(target, PRIVILEGES)).to.deep.equal(await query(pair.source, PRIVILEGES));
  });

  it("grants the source's privileges on large objects, whatever the default privileges of the target", async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int, o oid); INSERT INTO t VALUES (1, lo_from_bytea(0, 'x'))`,
    );
    const target = await createDatabase();
    await query(target, `ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO ${role}`);
    await extractAll({ ...pair, target }, 't');
    const others = `SELECT a.grantee::regrole::text AS grantee FROM pg_largeobject_metadata m, aclexplode(lomacl) a WHERE a.grantee <> m.lomowner`;
    expect(await query(target, others)).to.deep.equal([]);
  });

  it('reports event triggers of the target, which run while objects are created', async () => {
    const pair = await newPair('CREATE TABLE t (id int)');
    const target = await createDatabase();
    await query(
      target,
      `CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION public.note()`,
    );
    expect(findingsOf(await extractAll({ ...pair, target }, 't'))).to.deep.equal([
      'warning target-event-trigger note',
    ]);
  });

  const EXTENSION = `CREATE EXTENSION pgcrypto; REVOKE EXECUTE ON FUNCTION digest(text, text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION digest(text, text) TO ${role} WITH GRANT OPTION;
    GRANT EXECUTE ON FUNCTION armor(bytea) TO ${role}; CREATE TABLE t (id int PRIMARY KEY, d bytea DEFAULT digest('x', 'md5'))`;
  const RIGHTS = `SELECT p.oid::regprocedure::text AS name, a.grantee::regrole::text AS grantee, a.is_grantable FROM pg_proc p, aclexplode(proacl) a WHERE proacl IS NOT NULL AND pronamespace = 'public'::regnamespace ORDER BY 1, 2`;

  it('copies privileges on members of extensions with the extension', async () => {
    const pair = await newPair(EXTENSION);
    expect(findingsOf(await extractAll(pair, 't'))).to.deep.equal([]);
    expect(await query(pair.target, RIGHTS)).to.deep.equal(await query(pair.source, RIGHTS));
  });

  it('reports, and does not change, privileges on members of an extension that the target has', async () => {
    const pair = await newPair(EXTENSION);
    const target = await createDatabase();
    await query(target, 'CREATE EXTENSION pgcrypto');
    const report = await extract({ ...pair, target }, 't');
    expect(findingsOf(report)).to.deep.equal([
      'warning extension-privileges FUNCTION public.armor(bytea)',
      'warning extension-privileges FUNCTION public.digest(text, text)',
    ]);
    expect(report.findings[1]!.remedy).to.equal(
      `To have the same: REVOKE EXECUTE ON FUNCTION public.digest(text, text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION public.digest(text, text) TO ${role} WITH GRANT OPTION;`,
    );
    expect(await query(target, RIGHTS)).to.deep.equal([]);
  });

  const WRAPPER = `CREATE EXTENSION unaccent; CREATE TABLE t (id int PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'Nàme');
    CREATE FUNCTION plain(regdictionary, text) RETURNS text LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS '$libdir/unaccent', 'unaccent_dict';
    CREATE INDEX ON t (plain('public.unaccent', name))`;

  it('lets a superuser extract a function over the library of an extension', async () => {
    const pair = await newPair(WRAPPER);
    await extractAll(pair, 't');
    expect(await query(pair.target, `SELECT plain('public.unaccent', name) AS name FROM t`)).to.deep.equal([
      { name: 'Name' },
    ]);
  });

  it('lets no other user create a function over a library', async () => {
    const pair = await newPair(`${WRAPPER}; ALTER TABLE t OWNER TO ${role}`);
    const target = await createDatabase();
    const name = new URL(target).pathname.slice(1);
    await query(
      target,
      `ALTER DATABASE "${name}" OWNER TO ${role}; ALTER SCHEMA public OWNER TO ${role}; CREATE EXTENSION unaccent`,
    );
    const report = await extract({ source: pair.source, target: asRole(target, role) }, 't');
    expect([report.exitCode, findingsOf(report)]).to.deep.equal([
      3,
      ['warning owner-mapped postgres', 'error needs-superuser public.plain(regdictionary, text)'],
    ]);
  });

  it('refuses a function over a library of no extension', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY, name text); CREATE FUNCTION lib(internal) RETURNS internal LANGUAGE c AS '$libdir/dict_int', 'dintdict_init';
       CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN 'public.lib(internal)'::regprocedure IS NULL THEN $1 END $$; CREATE INDEX ON t (plain(name))`,
    );
    const report = await extract(pair, 't');
    expect([report.exitCode, findingsOf(report)]).to.deep.equal([
      3,
      ['error function-untrusted public.lib(internal)'],
    ]);
    expect(report.findings[0]!.message).to.contain('no extension of the source provides its library');
  });
});
