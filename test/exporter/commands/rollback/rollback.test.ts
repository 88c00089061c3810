import { expect } from 'chai';
import pg from 'pg';
import { openLab, type Lab, type Report } from '../../../support/lab.ts';
import { CopyBreakpoint } from '../../../support/copy-breakpoint.ts';
import { SettlementBreakpoint } from '../../../support/settlement-breakpoint.ts';
import { plantExport, prepareRegistry } from '../../../support/planted-export.ts';

const TOOL = '--tool-id=inventory-tracker';
const SERVICE = 'inventory_tracker_db';

/** Runs the command on the databases and the registry of a completed export. */
describe('gulp rollback of an export whose service has accepted writes', function () {
  let lab: Lab;
  let source: pg.Client;
  let start: string;
  before(async () => {
    lab = await openLab({ start: false });
    source = await prepareRegistry(lab);
    start = await everything();
  });
  after(async () => {
    await source.end();
    await lab.close();
  });

  const rowsIn = async (client: pg.Client): Promise<string> => {
    const parts = ['inventory_items', 'inventory_transactions'].map(
      (table) =>
        `SELECT '${table} ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS r FROM ${table} t`,
    );
    return (await client.query<{ r: string }>(`${parts.join(' UNION ALL ')} ORDER BY 1`)).rows
      .map((row) => row.r)
      .join('; ');
  };
  /** Databases, roles, triggers, routes and the registry's state, without the tool's rows. */
  const everything = async (): Promise<string> =>
    (
      await source.query<{ line: string }>(`
        SELECT 'database ' || datname AS line FROM pg_database UNION ALL SELECT 'role ' || rolname FROM pg_roles
        UNION ALL SELECT 'trigger ' || tgname || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'route ' || tool_id FROM tool_routes UNION ALL SELECT 'tool ' || tool_id || is_exported FROM tool_registry ORDER BY 1`)
    ).rows
      .map((row) => row.line)
      .join('\n');
  const inService = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const url = new URL(await lab.databaseUrl());
    url.pathname = `/${SERVICE}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const write = (): Promise<unknown> =>
    inService((client) =>
      client.query(`
        INSERT INTO inventory_items (sku, name) VALUES ('HOME-1', 'Made in the service'), ('HOME-2', 'This, too');
        UPDATE inventory_items SET name = 'Renamed' WHERE sku = (SELECT min(sku) FROM inventory_items WHERE sku !~ '^HOME');
        INSERT INTO inventory_transactions (item_id, kind, change, quantity_after, actor)
          SELECT id, 'receipt', 1, 1, 'test' FROM inventory_items WHERE sku = 'HOME-1'`),
    );
  const jobOf = async (jobId: string): Promise<Record<string, unknown>> =>
    (
      await source.query<Record<string, unknown>>(
        'SELECT status, completed_at, error FROM export_jobs WHERE id = $1',
        [jobId],
      )
    ).rows[0] ?? {};
  const objects = (report: Report): unknown[] =>
    report.findings.flatMap((one) => ('object' in one ? [one.object] : []));
  const isOpen = (): Promise<unknown> =>
    inService((client) => client.query(`UPDATE inventory_items SET name = name WHERE sku = 'HOME-1'`));

  it('refuses to lose rows, lists them, shows both options in a dry run, and keeps the service writable', async () => {
    const jobId = await plantExport(lab, source);
    const exported = await everything();
    const rows = await rowsIn(source);
    const job = await jobOf(jobId);
    await write();
    const { code, report } = await lab.gulpJson('rollback', TOOL);
    expect(code).to.equal(3);
    const refusal = report.findings.find((finding) => finding.code === 'service-has-writes');
    expect(refusal?.message).to.match(/public\.inventory_items: 2 added, 1 changed; such as/);
    expect(objects(report)).to.deep.equal(['public.inventory_items', 'public.inventory_transactions']);
    const home = await lab.gulp('rollback', TOOL, '--dry-run', '--bring-back', '--silent');
    expect(home.stdout).to.match(/Would sync back[^]*inventory_transactions: 1 added/);
    expect(home.stdout, 'what is undone').to.contain('Would drop database inventory_tracker_db');
    expect(home.stdout, 'and not what was done').not.to.contain('create-database');
    expect(home.code).to.equal(0);
    const both = await lab.gulp('rollback', TOOL, '--bring-back', '--discard-writes', '--silent');
    expect(both.code).to.equal(2);
    await isOpen();
    expect([await everything(), await rowsIn(source), await jobOf(jobId)]).to.deep.equal([
      exported,
      rows,
      job,
    ]);
  });

  it('changes nothing when rows conflict: the job is unchanged and the service writable', async () => {
    const rows = await rowsIn(source);
    const past = (sql: string): Promise<unknown> =>
      source.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
    await past(
      `UPDATE inventory_items SET location = 'by hand ' || location WHERE sku = (SELECT max(sku) FROM inventory_items)`,
    );
    const changed = await rowsIn(source);
    const { code, report } = await lab.gulpJson('rollback', TOOL, '--bring-back');
    expect(code).to.equal(3);
    expect(report.findings.map((finding) => finding.code)).to.include('bring-back-refused');
    expect(await rowsIn(source)).to.equal(changed);
    await isOpen();
    await past(`UPDATE inventory_items SET location = substr(location, 9) WHERE location LIKE 'by hand %'`);
    expect(await rowsIn(source)).to.equal(rows);
  });

  it('survives SIGKILL before fencing and after the reverse sync', async () => {
    const written = await inService(rowsIn);
    const breakpoint = await SettlementBreakpoint.install(await another());
    const rows = await rowsIn(source);
    const rollBack = () => lab.spawnGulp('rollback', TOOL, '--bring-back', '--silent');
    await breakpoint.killAt('closed', rollBack);
    expect(await rowsIn(source)).to.equal(rows);
    await breakpoint.killAt('home', rollBack);
    expect(await rowsIn(source), 'committed, and not yet recorded').to.equal(written);
    const closed = await isOpen().then(
      () => 'open',
      (error: unknown) => (error as pg.DatabaseError).code,
    );
    expect(closed).to.equal('PF503');
    await breakpoint.remove();
    const { code, stdout } = await lab.gulp('rollback', TOOL, '--silent'); // the rows are synced back, so no flag is needed
    expect(code, stdout).to.equal(0);
    expect(await rowsIn(source)).to.equal(written);
    expect(await everything()).to.equal(start);
  });

  it('discards the rows of --discard-writes, and prints how many', async () => {
    const jobId = await plantExport(lab, source);
    const rows = await rowsIn(source);
    await inService((client) =>
      client.query(`DELETE FROM inventory_transactions; DELETE FROM inventory_items WHERE sku LIKE 'HOME-%'`),
    );
    const { code, stdout } = await lab.gulp('rollback', TOOL, '--discard-writes', '--silent');
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/Discarded: public\.inventory_items: 2 removed/);
    expect(await rowsIn(source)).to.equal(rows);
    expect(await everything()).to.equal(start);
    expect((await jobOf(jobId))['status']).to.equal('rolled_back');
  });

  it('survives repeated SIGKILL during each COPY without losing or duplicating a row', async () => {
    await plantExport(lab, source);
    await inService((client) =>
      client.query(`
        INSERT INTO inventory_items (sku, name) SELECT 'MANY-' || i, repeat('x', 200) FROM generate_series(1, 4000) i;
        UPDATE inventory_items SET name = name || ' (renamed)' WHERE sku ~ '^HOME-';
        INSERT INTO inventory_transactions (item_id, kind, change, quantity_after, actor)
          SELECT id, 'receipt', 1, 1, 'by ' || sku FROM inventory_items WHERE sku ~ '^MANY-'`),
    );
    const written = await inService(rowsIn);
    const before = await rowsIn(source);
    const breakpoint = await CopyBreakpoint.install(await another(), {
      inventory_items: 'sku',
      inventory_transactions: 'actor',
    });
    const rollBack = () => lab.spawnGulp('rollback', TOOL, '--bring-back', '--silent');
    for (const row of ['MANY-1', 'MANY-2000', 'by MANY-2000']) {
      await breakpoint.killAt(row, rollBack);
      expect(await rowsIn(source), `killed at ${row}`).to.equal(before);
      expect(await inService(rowsIn), 'the service keeps its rows').to.equal(written);
    }
    await breakpoint.remove();
    const { code, stdout } = await lab.gulp('rollback', TOOL, '--bring-back', '--silent');
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/Synced back public\.inventory_items: 4,?000 added/);
    expect(stdout).to.match(/Synced back public\.inventory_transactions: 4,?000 added/);
    expect(await rowsIn(source)).to.equal(written);
    expect(await everything()).to.equal(start);
  });

  async function another(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    return client;
  }
});
