import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { prepareExtraction } from '../../../extraction/run/extract-tables.ts';
import { readRowFindings } from '../../../extraction/run/row-findings.ts';
import { openSession } from '../../../extraction/run/session.ts';
import { parseTableList } from '../../../extraction/plan/closure/names.ts';
import { runExtract } from '../../../exporter/commands/extract/extract.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

const corner = await readFile(new URL('../corners/09-large-objects.sql', import.meta.url), 'utf8');
const OBJECTS = `SELECT id, pg_get_userbyid(lomowner)::text AS owner, ARRAY(SELECT x::text FROM unnest(lomacl) x ORDER BY 1) AS acl
  FROM files JOIN pg_largeobject_metadata m ON m.oid = content ORDER BY id`;

describe('owners and grants of large objects', function () {
  let source: string;
  before(async () => {
    source = await createDatabase();
    for (const role of ['lo_owner', 'lo_reader', 'lo_mover'])
      await query(
        source,
        `DO $$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD 'lo'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
      );
    await query(source, corner);
  });

  it('copies owners and grants of large objects where the target has the roles', async () => {
    const target = await createDatabase();
    const report = await runExtract([`--source=${source}`, `--target=${target}`, '--tables=files']);
    expect(report.exitCode).to.equal(0);
    expect(report.findings.filter((item) => item.severity !== 'info')).to.deep.equal([]);
    expect(await query(target, OBJECTS)).to.deep.equal(await query(source, OBJECTS));
  });

  it('reports each missing role of large objects', async () => {
    const target = await createDatabase();
    const prepared = await prepareExtraction(source, target, {
      tables: parseTableList('files'),
      severIncoming: false,
      ownership: { owner: null, runtime: null },
    });
    const missing = prepared.target.roles.filter((role) => !role.startsWith('lo_'));
    const session = await openSession({ url: source });
    await session.query('BEGIN');
    const findings = await readRowFindings(session, prepared, {
      ...prepared.target,
      roles: missing,
      assignable: missing,
    });
    await session.end();
    expect(findings.map(({ code, object }) => [code, object])).to.deep.equal([
      ['owner-mapped', 'lo_owner'],
      ['large-object-grant', 'lo_reader'],
    ]);
    expect(findings[1]?.message).to.match(
      /^Large object \d+ of public.files: SELECT for lo_reader is left out/,
    );
  });

  it('reports large objects that the connecting user cannot give to their owner', async () => {
    const target = await createDatabase();
    const name = new URL(target).pathname.slice(1);
    await query(
      target,
      `GRANT CREATE ON DATABASE ${name} TO lo_mover; GRANT CREATE ON SCHEMA public TO lo_mover`,
    );
    const mover = new URL(target);
    mover.username = 'lo_mover';
    mover.password = 'lo';
    const report = await runExtract([`--source=${source}`, `--target=${mover.href}`, '--tables=files']);
    expect(
      report.findings.filter((item) => item.object === 'lo_owner').map((item) => item.code),
    ).to.deep.equal(['owner-mapped']);
    expect(report.exitCode).to.equal(0);
    expect((await query(target, OBJECTS))[1]).to.include({ owner: 'lo_mover' });
  });
});
