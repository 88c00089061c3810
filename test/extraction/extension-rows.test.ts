import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createDatabase, testCluster } from '../support/postgres.ts';
import { extractAll, findingsOf, newPair } from './support/extract.ts';
import { query } from './support/server.ts';

/** Like PostGIS: reference rows come with the script, and users may add rows and numbers of their own. */
const SCRIPT = `
CREATE TABLE unit (id int PRIMARY KEY, factor numeric NOT NULL); INSERT INTO unit VALUES (1, 1), (2, 1000);
CREATE TABLE preference (name text PRIMARY KEY, value text); INSERT INTO preference VALUES ('rounding', 'up');
CREATE SEQUENCE unit_number START 100;
CREATE FUNCTION convert(numeric, int) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE f numeric; BEGIN SELECT factor INTO STRICT f FROM @extschema@.unit WHERE id = $2; RETURN $1 * f; END $$;
SELECT pg_extension_config_dump('unit', 'WHERE id >= 100');
SELECT pg_extension_config_dump('preference', '');
SELECT pg_extension_config_dump('unit_number', '');`;

const SOURCE = `
CREATE EXTENSION units; INSERT INTO unit VALUES (nextval('unit_number'), 60), (nextval('unit_number'), 3600);
UPDATE preference SET value = 'down'; INSERT INTO preference VALUES ('language', 'de');
CREATE TABLE t (id int PRIMARY KEY, n numeric, u int, base numeric GENERATED ALWAYS AS (convert(n, u)) STORED, CHECK (convert(n, u) > 0));
INSERT INTO t VALUES (1, 2, 100), (2, 3, 2); CREATE INDEX ON t (convert(n, u))`;

const STATE = `
SELECT (SELECT json_agg(u ORDER BY id) FROM unit u) AS units, (SELECT json_agg(p ORDER BY name) FROM preference p) AS preferences,
  (SELECT last_value FROM unit_number) AS number, (SELECT json_agg(t ORDER BY id) FROM t) AS rows`;

describe('rows of the user in tables of an extension', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'extension-'));
    const extensions = path.join(folder, 'extension');
    await mkdir(extensions);
    await writeFile(path.join(extensions, 'units.control'), `default_version = '1'\nrelocatable = false\n`);
    await writeFile(path.join(extensions, 'units--1.sql'), SCRIPT);
    await chmod(folder, 0o755);
    const { adminUrl } = await testCluster();
    await query(adminUrl, `ALTER SYSTEM SET extension_control_path = '$system:${folder}'`);
    await query(adminUrl, 'SELECT pg_reload_conf()');
  });
  after(async () => {
    const { adminUrl } = await testCluster();
    await query(adminUrl, 'ALTER SYSTEM RESET extension_control_path');
    await query(adminUrl, 'SELECT pg_reload_conf()');
    await rm(folder, { recursive: true });
  });

  it("copies rows of an extension's tables with the extension, before the rows that need them", async () => {
    const pair = await newPair(SOURCE);
    const report = await extractAll(pair, 't');
    expect(findingsOf(report)).to.deep.equal([
      'info extension-rows public.unit',
      'info extension-rows public.preference',
    ]);
    expect(await query(pair.target, STATE)).to.deep.equal(await query(pair.source, STATE));
  });

  it("reports the number of rows in an extension's tables where the target already has the extension", async () => {
    const pair = await newPair(
      SOURCE.replace(/CREATE TABLE t .*/s, 'CREATE TABLE t (id int PRIMARY KEY CHECK (convert(id, 1) > 0))'),
    );
    const target = await createDatabase();
    await query(target, 'CREATE EXTENSION units');
    const report = await extractAll({ ...pair, target }, 't');
    expect(findingsOf(report)).to.deep.equal([
      'warning extension-rows public.unit',
      'warning extension-rows public.preference',
    ]);
    expect(report.findings[0]!.message).to.equal(
      '2 rows of public.unit are not copied: the target has extension units already.',
    );
    expect(await query(target, 'SELECT count(*)::int AS n FROM unit')).to.deep.equal([{ n: 2 }]);
  });
});
