import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

const corner = await readFile(new URL('../corners/31-body-operators.sql', import.meta.url), 'utf8');

describe('operators in function bodies', function () {
  it('copies operators of function bodies with their extensions, so that the functions run in the target', async () => {
    const source = await createDatabase();
    await query(source, corner);
    const target = await createDatabase();
    const report = await runExtract([`--source=${source}`, `--target=${target}`, '--tables=words']);
    expect(report.findings.filter((item) => item.severity !== 'info')).to.deep.equal([]);
    const extensions = await query(
      target,
      `SELECT extname::text AS name FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`,
    );
    expect(extensions.map((row) => row['name'])).to.deep.equal(['intarray', 'pg_trgm']);
    const operators = await query(
      target,
      `SELECT o.oid::regoperator::text AS name FROM pg_operator o
       WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e') ORDER BY 1`,
    );
    expect(operators.map((row) => row['name'])).to.have.members([
      '!!(NONE,integer)',
      '+(pair,pair)',
      '===(text,text)',
    ]);
    const [row] = await query(
      target,
      `INSERT INTO words VALUES ('x', '{1,3}', ROW(5, 6), 9) RETURNING d, p::text`,
    );
    expect(row).to.deep.equal({ d: 2, p: '(20,12)' });
  });

  it('reports operators that need a table outside the selection', async () => {
    const source = await createDatabase();
    await query(
      source,
      `CREATE TABLE stays (w text); CREATE TABLE moves (w text);
       CREATE FUNCTION known(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM stays WHERE w IN ($1, $2))';
       CREATE OPERATOR =?= (FUNCTION = known, LEFTARG = text, RIGHTARG = text);
       CREATE FUNCTION same(text) RETURNS boolean LANGUAGE sql AS $$ SELECT $1 =?= 'a' $$;
       ALTER TABLE moves ADD CHECK (same(w))`,
    );
    const report = await runExtract([
      `--source=${source}`,
      `--target=${await createDatabase()}`,
      '--tables=moves',
      '--dry-run',
    ]);
    expect(
      report.findings.filter((item) => item.code === 'operator-left').map((item) => item.object),
    ).to.deep.equal(['public.same(text)']);
  });
});
