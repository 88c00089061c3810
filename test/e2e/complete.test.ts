import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { JournalBreakpoint, type Moment } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';

const TOOL = 'inventory-tracker';
const COMPLETE = ['complete', `--tool-id=${TOOL}`, '--silent'];

describe('the completion of a live export', function () {
  this.timeout(600_000);
  let lab: Lab;
  let jobId: string;
  /** Number of changes in the journal of the export. */
  let changes: number;
  let breakpoint: JournalBreakpoint;

  before(async () => {
    lab = await openLab();
    const exported = await lab.gulpJson('export', `--tool-id=${TOOL}`, '--runtime=local', '--cutover=live');
    expect(exported.code, JSON.stringify(exported.report.findings)).to.equal(0);
    jobId = exported.report.jobId!;
    changes = exported.report.changes.length;
    breakpoint = await JournalBreakpoint.install(lab);
  });
  after(async () => {
    await breakpoint.remove();
    await lab.close();
  });

  async function sql<T extends pg.QueryResultRow>(text: string, database?: string): Promise<T[]> {
    const url = new URL(await lab.databaseUrl());
    if (database !== undefined) url.pathname = database;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      const result = await client.query<T>(text);
      return (Array.isArray(result) ? result.at(-1) : result).rows;
    } finally {
      await client.end();
    }
  }

  /** Slots, subscriptions, publications, origins, fences, holds and databases, in the monolith and in the service. */
  async function leftInPostgres(): Promise<readonly string[]> {
    const local = `SELECT subname::text AS name FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      UNION ALL SELECT pubname FROM pg_publication UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'platform_fence'
      UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE 'platform_fence%'`;
    const all = `${local} UNION ALL SELECT slot_name::text FROM pg_replication_slots UNION ALL SELECT roname FROM pg_replication_origin
      UNION ALL SELECT tool_id FROM tool_holds UNION ALL SELECT datname FROM pg_database WHERE datname ~ 'archive'`;
    const rows = [
      ...(await sql<{ name: string }>(all)),
      ...(await sql<{ name: string }>(local, 'inventory_tracker_db')),
    ];
    return rows.map(({ name }) => name);
  }

  const archives = (): Promise<string[]> => readdir(path.join(lab.root, '.platform/archive')).catch(() => []);

  const tables = async (): Promise<readonly string[]> =>
    (
      await sql<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relname ~ '^inventory_' AND relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace ORDER BY 1",
      )
    ).map(({ name }) => name);

  const items = () => fetch(`${lab.platformUrl}/api/tools/${TOOL}/items?limit=1`);

  /** Kills the command before and after each of these changes of its own, and runs it again each time. */
  async function killAtEach(own: readonly number[], command: readonly string[]) {
    const moments: Moment[] = own.flatMap((n) =>
      (['started', 'done'] as const).map((state) => ({ seq: changes + n, state })),
    );
    await breakpoint.stopAt(moments);
    let killed = 0;
    while ((await breakpoint.killNext(() => lab.spawnGulp(...command))) !== null) killed += 1;
    return killed;
  }

  it('shows everything in a dry run, and changes nothing', async () => {
    const before = await leftInPostgres();
    const { code, report } = await lab.gulpJson(
      ...COMPLETE.slice(0, -1),
      '--dry-run',
      '--drop-source',
      '--remove-code',
    );
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    expect(report.changes.map(({ summary }) => summary.split(' ')[0])).to.deep.equal([
      'pause-stream',
      'archive-source',
      'end-way-back',
      'drop-source',
      'remove-code',
    ]);
    expect(report.changes[3]!.target).to.equal('public.inventory_items, public.inventory_transactions');
    expect(await leftInPostgres()).to.deep.equal(before);
    expect(await archives()).to.deep.equal([]);
  });

  it('is refused while the stream is behind, other objects use the tables, or files are not committed', async () => {
    const before = await leftInPostgres();
    const draft = path.join(lab.root, `tools/${TOOL}/draft.txt`);
    await writeFile(draft, 'not committed');
    await sql(`CREATE VIEW stock_report AS SELECT count(*) FROM inventory_items;
      ALTER SUBSCRIPTION inventory_tracker_db_back DISABLE`);
    try {
      const sku = JSON.stringify({ sku: 'BEHIND-1', name: 'behind' });
      const headers = { 'Content-Type': 'application/json' };
      const url = `${lab.platformUrl}/api/tools/${TOOL}/items`;
      expect((await fetch(url, { method: 'POST', headers, body: sku })).status).to.equal(201);
      const { code, stdout } = await lab.gulp(...COMPLETE, '--drop-source', '--remove-code');
      expect(code, stdout).to.equal(3);
      expect(stdout)
        .to.match(/The monolith's tables are [\d,]+ bytes behind the service after 5 s/)
        .and.contain('view public.stock_report depends on table public.inventory_items')
        .and.contain(`tools/${TOOL}/draft.txt`);
    } finally {
      await rm(draft);
      await sql('DROP VIEW stock_report; ALTER SUBSCRIPTION inventory_tracker_db_back ENABLE');
    }
    expect(await leftInPostgres()).to.deep.equal(before);
    expect(await archives()).to.deep.equal([]);
  });

  it('ends the way back when it is killed before and after each of its changes, and keeps the tables read-only', async () => {
    expect(await killAtEach([1, 2, 3], COMPLETE)).to.equal(6);
    expect(await leftInPostgres()).to.have.members([
      'platform_fence',
      'trigger platform_fence_inventory-tracker',
      'trigger platform_fence_inventory-tracker',
    ]);
    expect(await tables()).to.include.members(['inventory_items', 'inventory_transactions']);
    expect(await sql("SELECT FROM inventory_items WHERE sku = 'BEHIND-1'")).to.have.length(1);
    const refused = await sql("DELETE FROM inventory_items WHERE sku = 'BEHIND-1'").catch((e: unknown) => e);
    expect(refused).to.include({ code: 'PF503' });
    expect((refused as pg.DatabaseError).hint).to.match(/an old copy: gulp complete has ended the rollback/);
    expect(await archives()).to.deep.equal([`${TOOL}-${jobId}`]);
    const migrated = await lab.run('node', 'monolith/server/bin/migrate-tool.ts', `--tool-id=${TOOL}`);
    expect([migrated.code, migrated.stderr]).to.deep.equal([
      3,
      `${TOOL} is exported: its tables in the monolith must not change. Its export is completed: change the tables of its service instead, by migrations in apps/${TOOL}-api.\n`,
    ]);
  });

  it('refuses a rollback on the command line and in the API, and names the archive', async () => {
    const rollback = await lab.gulp('rollback', `--tool-id=${TOOL}`, '--silent');
    expect(rollback.code).to.equal(3);
    expect(rollback.stdout).to.match(/cannot be rolled back: gulp complete ended the way back/);
    expect(rollback.stdout).to.contain(`.platform/archive/${TOOL}-${jobId}`);
    const url = `${lab.platformUrl}/api/tools/export/jobs/${jobId}`;
    const job = (await (await fetch(url)).json()) as { status: string; finalizedAt: string | null };
    expect(job.status).to.equal('completed');
    expect(Date.parse(job.finalizedAt!)).to.be.closeTo(Date.now(), 600_000);
    const refused = await fetch(`${url}/rollback`, { method: 'POST' });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).to.deep.equal([
      409,
      'job-not-undoable',
    ]);
  });

  it('drops the tables and removes the code when it is killed before and after either', async () => {
    const wanted = [...COMPLETE, '--drop-source', '--remove-code'];
    expect(await killAtEach([4, 5], wanted)).to.equal(4);
    expect(await leftInPostgres()).to.deep.equal([]);
    expect(await tables()).to.deep.equal([]);
    expect(existsSync(path.join(lab.root, 'tools', TOOL))).to.equal(false);
    const again = await lab.gulpJson(...COMPLETE.slice(0, -1));
    expect(again.code).to.equal(0);
    expect(again.report.changes).to.deep.equal([]);
    expect(again.report.result).to.deep.equal({
      archive: `.platform/archive/${TOOL}-${jobId}`,
      tables: 'dropped',
      code: 'removed',
    });
  });

  it('leaves a tool that its service serves, also when the platform starts again', async () => {
    await lab.stopPlatform();
    await lab.startPlatform();
    expect((await items()).status).to.equal(200);
    expect(await tables()).to.deep.equal([]);
    const tool = (await (await fetch(`${lab.platformUrl}/api/tools/${TOOL}`)).json()) as {
      isExported: boolean;
    };
    expect(tool.isExported).to.equal(true);
    const status = await lab.gulp('status', `--tool-id=${TOOL}`, '--silent');
    expect(status.stdout).to.match(/exported to .*: ready/);
    expect(status.stdout).to.match(
      /completed for good, without a rollback; the monolith's tables are dropped/,
    );
    expect(status.stdout).not.to.match(/follow the service|way back/);
    const doctor = await lab.gulpJson('doctor');
    const codes = doctor.report.findings.map(({ code }) => code);
    expect(codes.filter((code) => /^(left-behind|way-back)/.test(code))).to.deep.equal([]);
    const manifest = path.join(lab.root, '.platform/archive', `${TOOL}-${jobId}`, 'manifest.json');
    expect(JSON.parse(await readFile(manifest, 'utf8')).tables[0]).to.include({
      name: 'public.inventory_items',
      rows: 1251,
    });
  });
});
