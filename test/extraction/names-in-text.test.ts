import { expect } from 'chai';
import { findMissingFiles } from '../../extraction/run/server-files.ts';
import { readTarget } from '../../extraction/run/target.ts';
import { createDatabase } from '../support/postgres.ts';
import { extract, extractAll, findingsOf, newPair, type Pair } from './support/extract.ts';
import { query } from './support/server.ts';

/** The rows that a statement gives in both databases. */
async function inBoth({ source, target }: Pair, sql: string): Promise<[unknown, unknown]> {
  return [await query(source, sql), await query(target, sql)];
}

describe('objects that only text names', () => {
  it('copies the state of a sequence that only the body of a trigger function names', async () => {
    const pair = await newPair(
      `CREATE SEQUENCE counter START 50; CREATE TABLE t (id int PRIMARY KEY, n bigint);
       CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := nextval('public.counter'); RETURN NEW; END $$;
       CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION number(); INSERT INTO t SELECT generate_series(1, 9)`,
    );
    await extractAll(pair, 't');
    const [there, here] = await inBoth(pair, 'INSERT INTO t VALUES (100) RETURNING n');
    expect(here)
      .to.deep.equal(there)
      .and.deep.equal([{ n: '59' }]);
  });

  it('copies the state of sequences that views, rules and policies use through functions', async () => {
    const pair = await newPair(
      `CREATE SEQUENCE of_view START 5; CREATE SEQUENCE of_policy START 7; CREATE SEQUENCE of_rule START 9;
       CREATE FUNCTION view_number() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('of_view') $$;
       CREATE FUNCTION policy_number() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN nextval('public.of_policy') > 0; END $$;
       CREATE FUNCTION rule_number() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('public.of_rule'::text::regclass) $$;
       CREATE TABLE t (id int PRIMARY KEY, n bigint); INSERT INTO t VALUES (1), (2);
       CREATE VIEW v AS SELECT id, view_number() AS n FROM t;
       CREATE RULE r AS ON INSERT TO t DO ALSO UPDATE t SET n = rule_number() WHERE n IS NULL;
       ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (policy_number());
       SELECT * FROM v; SELECT nextval('of_policy'), nextval('of_rule')`,
    );
    await extractAll(pair, 't');
    for (const sequence of ['of_view', 'of_policy', 'of_rule']) {
      const [there, here] = await inBoth(pair, `SELECT last_value, is_called FROM ${sequence}`);
      expect(here, sequence).to.deep.equal(there);
    }
  });

  it('creates a sequence of its own in place of an identity column outside', async () => {
    const pair = await newPair(
      `CREATE TABLE outside (id int GENERATED ALWAYS AS IDENTITY); INSERT INTO outside DEFAULT VALUES;
       CREATE TABLE t (id int PRIMARY KEY, n bigint); CREATE VIEW v AS SELECT * FROM t;
       CREATE SEQUENCE of_view; ALTER VIEW v ALTER id SET DEFAULT nextval('of_view');
       CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := nextval('outside_id_seq'); RETURN NEW; END $$;
       CREATE TRIGGER number BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION number()`,
    );
    expect(findingsOf(await extractAll(pair, 't'))).to.deep.equal([
      'warning sequence-shared public.outside_id_seq',
    ]);
    const [there, here] = await inBoth(pair, 'INSERT INTO v DEFAULT VALUES RETURNING id, n');
    expect(here)
      .to.deep.equal(there)
      .and.deep.equal([{ id: 1, n: '2' }]);
  });

  it('brings the text search configuration along that an index reaches through a function', async () => {
    const pair = await newPair(
      `CREATE SCHEMA lib; CREATE TEXT SEARCH DICTIONARY lib.plain (TEMPLATE = simple);
       CREATE TEXT SEARCH CONFIGURATION lib.names (COPY = pg_catalog.simple);
       ALTER TEXT SEARCH CONFIGURATION lib.names ALTER MAPPING FOR asciiword WITH lib.plain;
       CREATE FUNCTION vector(x text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$ SELECT to_tsvector('lib.names', lower(x)) $$;
       CREATE TABLE t (id int PRIMARY KEY, name text); INSERT INTO t SELECT i, 'Name ' || i FROM generate_series(1, 9) i;
       CREATE INDEX ON t USING gin (vector(name))`,
    );
    await extractAll(pair, 't');
    expect(await query(pair.target, `SELECT vector('A Name')`)).to.deep.equal([{ vector: `'a':1 'name':2` }]);
  });

  it('brings configurations along that are arguments of triggers, and leaves out triggers over tables outside', async () => {
    const pair = await newPair(
      `CREATE SCHEMA lib; CREATE TEXT SEARCH CONFIGURATION lib.english (COPY = pg_catalog.english);
       CREATE SEQUENCE counter START 5; CREATE TABLE audit (t text); CREATE TABLE title (t text);
       CREATE TABLE t (id int PRIMARY KEY, title text, words tsvector, n bigint);
       CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := nextval(TG_ARGV[0]); RETURN NEW; END $$;
       CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('INSERT INTO %s VALUES (1)', TG_ARGV[0]); RETURN NEW; END $$;
       CREATE TRIGGER words BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('words', 'lib.english', 'title');
       CREATE TRIGGER number BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION number('counter');
       CREATE TRIGGER audit BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION audit('public.audit');
       CREATE FUNCTION size() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_relation_size(TG_ARGV[0]::regclass); RETURN NEW; END $$;
       CREATE TRIGGER size BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION size('audit')`,
    );
    const report = await extractAll(pair, 't');
    expect(findingsOf(report)).to.deep.equal(
      ['audit', 'size'].map((name) => `warning trigger-crosses ${name} ON public.t`),
    );
    const insert = `INSERT INTO t VALUES (1, 'the running houses') RETURNING words, n`;
    const [there, here] = await inBoth(pair, insert);
    expect(here)
      .to.deep.equal(there)
      .and.deep.equal([{ words: `'hous':3 'run':2`, n: '5' }]);
  });

  it('finds names in variables, branches, dynamic statements, casts and settings of functions', async () => {
    const pair = await newPair(
      `CREATE SCHEMA lib; CREATE TYPE lib.mood AS ENUM ('calm'); CREATE COLLATION lib.bytes (provider = libc, locale = 'C');
       CREATE SEQUENCE lib.one START 11; CREATE SEQUENCE lib.two START 21;
       CREATE TEXT SEARCH DICTIONARY lib.words (TEMPLATE = simple);
       ${['branch', 'variable', 'setting', 'local'].map((name) => `CREATE TEXT SEARCH CONFIGURATION lib.${name} (COPY = pg_catalog.english);`).join('\n')}
       CREATE FUNCTION lib.twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
       CREATE FUNCTION choose(l text) RETURNS regconfig LANGUAGE plpgsql AS $$ BEGIN RETURN (CASE l WHEN 'x' THEN 'lib.branch' ELSE 'simple' END)::regconfig; END $$;
       CREATE FUNCTION set() RETURNS text LANGUAGE sql SET default_text_search_config = 'lib.setting' AS $$ SELECT to_tsvector('houses')::text $$;
       CREATE FUNCTION all_of_it() RETURNS trigger LANGUAGE plpgsql AS $$
         DECLARE c regconfig; s text := 'lib.one'; p regprocedure := 'lib.twice(integer)';
         BEGIN
           c := 'lib.variable';
           PERFORM set_config('default_text_search_config', 'lib.local', true);
           NEW.words := to_tsvector(choose('x'), 'houses') || to_tsvector(c, 'houses') || to_tsvector('houses');
           NEW.one := nextval(s);
           EXECUTE 'SELECT nextval(''lib.two'')' INTO NEW.two;
           IF NEW.title COLLATE lib.bytes > 'a' AND 'lib.mood'::regtype IS NOT NULL THEN NEW.title := (ts_lexize('lib.words', 'X'))[1] || set(); END IF;
           RETURN NEW;
         END $$;
       CREATE TABLE t (id int PRIMARY KEY, title text, words tsvector, one bigint, two bigint);
       CREATE TRIGGER all_of_it BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION all_of_it()`,
    );
    await extractAll(pair, 't');
    const [there, here] = await inBoth(pair, `INSERT INTO t (id, title) VALUES (1, 'b') RETURNING *`);
    expect(here).to.deep.equal(there);
    expect((here as Record<string, unknown>[])[0]).to.include({ one: '11', two: '21', title: `x'hous':1` });
  });

  it('reports a body that cannot be parsed, and finds the qualified names in its texts', async () => {
    const pair = await newPair(
      `CREATE SEQUENCE counter START 5; CREATE TABLE t (id int PRIMARY KEY); SET check_function_bodies = off;
       CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOT SQL nextval('public.counter'); END $$;
       CREATE TRIGGER broken BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION broken()`,
    );
    expect(findingsOf(await extractAll(pair, 't'))).to.deep.equal([
      'warning function-unparsed public.broken()',
    ]);
    expect(await query(pair.target, `SELECT nextval('counter') AS n`)).to.deep.equal([{ n: '5' }]);
  });

  it('refuses a check whose function names a table outside as a text', async () => {
    const pair = await newPair(
      `CREATE TABLE outside (id int); CREATE TABLE t (id int PRIMARY KEY);
       CREATE FUNCTION known() RETURNS boolean LANGUAGE sql AS $$ SELECT to_regclass('public.outside') IS NOT NULL $$;
       ALTER TABLE t ADD CHECK (known())`,
    );
    const report = await extract(pair, 't');
    expect([report.exitCode, findingsOf(report)]).to.deep.equal([
      3,
      ['error constraint-crosses t_check ON public.t'],
    ]);
  });

  it('names the configurations of which a function may compute one', async () => {
    const pair = await newPair(
      `CREATE TEXT SEARCH CONFIGURATION one (COPY = pg_catalog.english); CREATE TABLE t (id int PRIMARY KEY, l text, words tsvector);
       CREATE FUNCTION words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.words := to_tsvector(NEW.l::regconfig, 'x'); RETURN NEW; END $$;
       CREATE TRIGGER words BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION words()`,
    );
    const report = await extract(pair, 't', '--dry-run');
    expect(findingsOf(report)).to.deep.equal(['warning function-computes-name public.words()']);
    expect(report.findings[0]!.message).to.contain('public.one is not extracted');
  });

  it('gives a new target the default text search configuration of the source', async () => {
    const pair = await newPair(
      `CREATE TEXT SEARCH CONFIGURATION public.own (COPY = pg_catalog.german);
       DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_text_search_config = %L', current_database(), 'public.own'); END $$;
       SET default_text_search_config = 'public.own';
       CREATE FUNCTION vector(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$ SELECT to_tsvector(t) $$;
       CREATE TABLE t (id int PRIMARY KEY, body text, words tsvector GENERATED ALWAYS AS (vector(body)) STORED);
       INSERT INTO t VALUES (1, 'laufende Häuser'); CREATE MATERIALIZED VIEW m AS SELECT to_tsvector(body) AS words FROM t`,
    );
    await extractAll(pair, 't');
    for (const sql of ['SELECT words FROM m', `INSERT INTO t VALUES (2, 'die Häuser') RETURNING words`]) {
      const [there, here] = await inBoth(pair, sql);
      expect(here, sql).to.deep.equal(there);
    }
  });

  it('reports an existing target whose default text search configuration differs', async () => {
    const pair = await newPair('CREATE TABLE t (id int PRIMARY KEY, words tsvector)');
    const target = await createDatabase();
    const name = new URL(target).pathname.slice(1);
    await query(target, `ALTER DATABASE "${name}" SET default_text_search_config = 'pg_catalog.french'`);
    const report = await extractAll({ ...pair, target }, 't');
    expect(findingsOf(report)).to.deep.equal(['warning text-search-config default_text_search_config']);
  });
});

describe('files that objects need on the server', () => {
  it('finds the dictionary files that the server has', async () => {
    const pair = await newPair(
      `CREATE TEXT SEARCH DICTIONARY "my words" (TEMPLATE = pg_catalog.simple, stopwords = 'english'); CREATE EXTENSION unaccent;
       CREATE FUNCTION plain(regdictionary, text) RETURNS text LANGUAGE c IMMUTABLE STRICT AS '$libdir/unaccent', 'unaccent_dict';
       CREATE TABLE t (id int PRIMARY KEY, words text DEFAULT (ts_lexize('"my words"', 'The'))[1] || plain('unaccent', 'é'))`,
    );
    expect(findingsOf(await extract(pair, 't', '--dry-run'))).to.deep.equal([]);
  });

  it('names the files that the server lacks before any change', async () => {
    const plan = {
      before: [
        {
          id: 'TEXT SEARCH DICTIONARY public."my words"',
          sql: `CREATE TEXT SEARCH DICTIONARY public."my words" (TEMPLATE = pg_catalog.simple, stopwords = 'no_such_words')`,
        },
        {
          id: 'FUNCTION public.f()',
          sql: `CREATE FUNCTION public.f()\n RETURNS integer\n LANGUAGE c\n STRICT\nAS '$libdir/unaccent', $function$no_such_function$function$`,
        },
        {
          id: 'FUNCTION public.g()',
          sql: `CREATE FUNCTION public.g()\n RETURNS integer\n LANGUAGE c\nAS '$libdir/no_such_library', $function$g$function$`,
        },
      ].map((item) => ({ ...item, undo: '', locks: [] })),
      ...{ indexes: [], constraints: [], after: [], groups: [], tables: [], sequences: [], searchPath: [] },
      source: { database: 'x', version: 180_000, encoding: 'UTF8' },
    };
    const url = await createDatabase();
    const found = await findMissingFiles(url, plan, await readTarget(url));
    expect(found.map(({ severity, code, object }) => `${severity} ${code} ${object ?? ''}`)).to.deep.equal(
      plan.before.map(({ id }) => `error server-file-missing ${id}`),
    );
    expect(found.map(({ message }) => message).join()).to.match(
      /no_such_words.*no_such_function.*no_such_library/s,
    );
  });
});

describe('values that name objects', () => {
  it('refuses names of objects that the target will not have, before any change', async () => {
    const pair = await newPair(
      `CREATE TABLE stays (id int); CREATE TABLE gone (id int); CREATE FUNCTION lost() RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE DOMAIN code AS regprocedure; CREATE TYPE entry AS (c regtype); CREATE TYPE lost AS ENUM ('x');
       CREATE TABLE t (id int PRIMARY KEY, name regclass, code code, entries entry[], fine regclass[], builtin regtype, late regclass);
       INSERT INTO t VALUES (1, 'stays', 'lost()', '{"(lost)"}', '{t}', 'int', 't_pkey'), (2, 'gone', NULL, NULL, NULL, NULL, NULL);
       DROP TABLE gone`,
    );
    for (const flags of [['--dry-run'], []]) {
      const report = await extract(pair, 't', ...flags);
      expect(report.exitCode).to.equal(3);
      expect(findingsOf(report)).to.deep.equal(
        ['name', 'code', 'entries', 'late'].map(
          (column) => `error value-names-missing-object public.t.${column}`,
        ),
      );
      expect(report.findings[0]!.message).to.match(/: \d+ \(an object that no longer exists\), stays\.$/);
    }
  });

  it('copies the text search configurations and dictionaries that values name', async () => {
    const pair = await newPair(
      `CREATE SCHEMA lib; CREATE TEXT SEARCH CONFIGURATION lib.swedish (COPY = pg_catalog.swedish); CREATE TEXT SEARCH DICTIONARY lib.plain (TEMPLATE = simple);
       CREATE TABLE t (id int PRIMARY KEY, language regconfig, dictionaries regdictionary[], body text, words tsvector);
       CREATE TRIGGER words BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger_column('words', 'language', 'body');
       INSERT INTO t VALUES (1, 'lib.swedish', '{lib.plain}', 'bilarna'), (2, 'english', NULL, 'houses')`,
    );
    await extractAll(pair, 't');
    const insert = `INSERT INTO t VALUES (3, 'lib.swedish', '{lib.plain}', 'bilarna') RETURNING words, language::text`;
    const [there, here] = await inBoth(pair, insert);
    expect(here).to.deep.equal(there);
  });

  it('copies values that name functions and types which only triggers and views need', async () => {
    const pair = await newPair(
      `CREATE TYPE mood AS ENUM ('calm'); CREATE TABLE t (id int PRIMARY KEY, f regproc, p regprocedure, m regtype);
       CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER noted BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION noted();
       CREATE VIEW v AS SELECT id, 'calm'::mood AS mood FROM t; INSERT INTO t VALUES (1, 'noted', 'noted()', 'mood[]')`,
    );
    await extractAll(pair, 't');
    const [there, here] = await inBoth(pair, 'SELECT f::text, p::text, m::text FROM t');
    expect(here).to.deep.equal(there);
  });

  it('copies names of objects that the target has', async () => {
    const pair = await newPair(
      `CREATE TEXT SEARCH CONFIGURATION own (COPY = pg_catalog.simple); CREATE TYPE mood AS ENUM ('calm');
       CREATE TABLE t (id int PRIMARY KEY, m mood, name regclass, type regtype, role regrole);
       INSERT INTO t VALUES (1, 'calm', 't', 'mood[]', current_user::regrole), (2, NULL, 'pg_class', 't', '-')`,
    );
    await extractAll(pair, 't');
    const [there, here] = await inBoth(
      pair,
      'SELECT id, name::text, type::text, role::text FROM t ORDER BY id',
    );
    expect(here).to.deep.equal(there);
  });
});
