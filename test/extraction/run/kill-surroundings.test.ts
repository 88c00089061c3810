import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

const program = fileURLToPath(new URL('../support/extract-process.ts', import.meta.url));

/** What an extraction sets around its tables, in a database that is there already: the last of its statements. */
const SOURCE = `
CREATE SCHEMA sales;
CREATE TYPE sales.span AS RANGE (SUBTYPE = float8);
CREATE TABLE sales.orders (id int PRIMARY KEY, v text, n int GENERATED ALWAYS AS IDENTITY, at sales.span[]);
INSERT INTO sales.orders SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 100000) i;
CREATE TABLE notes (id int);
GRANT USAGE ON SCHEMA public TO kill_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO kill_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO kill_reader;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO kill_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kill_maker REVOKE ALL ON TYPES FROM PUBLIC, kill_maker;
ALTER DEFAULT PRIVILEGES FOR ROLE kill_maker IN SCHEMA sales GRANT INSERT ON TABLES TO kill_reader, PUBLIC`;

const privileges = (url: string): Promise<unknown[]> =>
  query(
    url,
    `SELECT defaclrole::regrole::text AS role, nullif(defaclnamespace, 0)::regnamespace::text AS schema, defaclobjtype AS kind,
       ARRAY(SELECT x::text FROM unnest(defaclacl) x ORDER BY 1) AS acl FROM pg_default_acl ORDER BY 1, 2 NULLS FIRST, 3`,
  );

const traces = (url: string): Promise<unknown[]> =>
  query(
    url,
    `SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ '^platform' OR nspname = 'sales'
     UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION ALL SELECT 'grant on public' FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'public' AND a.grantee = 'kill_reader'::regrole`,
  );

describe('an extraction that is killed after it has set default privileges', function () {
  let source: string;
  let target: string;
  let args: string[];
  before(async () => {
    source = await createDatabase();
    for (const role of ['kill_reader', 'kill_maker'])
      await query(
        source,
        `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
      );
    await query(source, SOURCE);
  });

  beforeEach(async () => {
    target = await createDatabase();
    args = [`--source=${source}`, `--target=${target}`, '--tables=sales.orders,notes'];
    const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // what follows in the process is the verification
    while ((await privileges(target)).length === 0 && child.exitCode === null) await sleep(2);
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode, 'it had ended before the shot').to.equal('SIGKILL');
    expect(await privileges(target)).to.deep.equal(await privileges(source));
    expect(await traces(target)).to.deep.include({ name: 'platform_extract' });
  });

  it('is carried on, and ends with the privileges of the source', async () => {
    const report = await runExtract(args);
    expect(report.findings.filter((item) => item.severity !== 'info')).to.deep.equal([]);
    expect((report.result as { resumed: boolean }).resumed).to.equal(true);
    expect(await privileges(target)).to.deep.equal(await privileges(source));
    expect(await traces(target)).to.not.deep.include({ name: 'platform_extract' });
  });

  it('leaves none of them when the next one is interrupted', async () => {
    const stop = new AbortController();
    const report = await runExtract(args, {
      signal: stop.signal,
      report: {
        log: (_level, message) => {
          if (message === 'Verifying …') stop.abort(new Error('interrupted'));
        },
        progress: () => undefined,
      },
    });
    expect(report.exitCode).to.equal(130);
    expect(await privileges(target)).to.deep.equal([]);
    expect(await traces(target)).to.deep.equal([]);
  });

  it('starts anew when the source has changed, and gives old privileges to nothing', async () => {
    await query(
      source,
      `UPDATE sales.orders SET v = 'new' WHERE id = 1; ALTER TABLE notes ADD COLUMN more int`,
    );
    const report = await runExtract(args);
    expect(report.findings.filter((item) => item.severity !== 'info')).to.deep.equal([]);
    expect((report.result as { resumed: boolean }).resumed).to.equal(false);
    expect(await privileges(target)).to.deep.equal(await privileges(source));
    // made after default privileges were set, it would have rights that the source's has not
    const [row] = await query(
      target,
      `SELECT relacl::text AS acl FROM pg_class WHERE oid = 'sales.orders'::regclass`,
    );
    expect(row).to.deep.equal({ acl: null });
  });
});
