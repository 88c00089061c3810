import { expect } from 'chai';
import pg from 'pg';
import { parseSettings } from '../../../../contracts/settings.ts';
import { compensate } from '../../../../exporter/engine/compensate.ts';
import { createJobReporter } from '../../../../exporter/engine/job-reporter.ts';
import type { Reporter } from '../../../../exporter/core/reporter.ts';
import { JobMemory } from '../../../../exporter/engine/job-memory.ts';
import type { Journaled } from '../../../../exporter/engine/states.ts';
import { openPorts } from '../../../../exporter/adapters/open-ports.ts';
import { openSession } from '../../../../exporter/engine/session.ts';
import { openJournal } from '../../../../registry-api/store/journal.ts';
import { operationOf } from '../../../support/operations.ts';
import { openLab, type Lab } from '../../../support/lab.ts';
import { plantExport, prepareRegistry } from '../../../support/planted-export.ts';

/** Callers may write to the service between the switch and the failure. */
describe('an export that fails after the switch', function () {
  let lab: Lab;
  let source: pg.Client;
  before(async () => {
    lab = await openLab({ start: false });
    source = await prepareRegistry(lab);
  });
  after(async () => {
    await source.end();
    await lab.close();
  });

  /** Undoes a job as the failing export does, in this process. */
  async function fail(jobId: string): Promise<Awaited<ReturnType<typeof compensate>>> {
    const nothing = (): void => undefined;
    const reporter: Reporter = {
      line: nothing,
      tick: nothing,
      finding: nothing,
      progress: nothing,
      activity: nothing,
      aside: nothing,
      document: () => Promise.resolve(),
    };
    const url = await lab.databaseUrl();
    const session = await openSession(url, 'export inventory-tracker');
    const { rows } = await source.query<{ result: Record<string, unknown> }>(
      'SELECT result FROM export_jobs WHERE id = $1',
      [jobId],
    );
    const memory = new JobMemory();
    memory.load(rows[0]?.result ?? null);
    memory.attach(session.client, jobId);
    const run: Journaled = {
      root: lab.root,
      settings: parseSettings(lab.env),
      reporter,
      report: createJobReporter(reporter, nothing),
      interrupts: { signal: new AbortController().signal, cancel: nothing, protect: nothing },
      startedAt: 0,
      findings: [],
      steps: [],
      memory,
      operationOf,
      actor: 'test',
      openPorts,
      session,
      databaseUrl: url,
      jobId,
      journal: openJournal(session.client, jobId),
      plan: null,
    };
    try {
      return await compensate(run, { status: 'rolled_back' });
    } finally {
      await session.close();
    }
  }
  const statusOf = async (jobId: string): Promise<string | undefined> =>
    (await source.query<{ status: string }>('SELECT status FROM export_jobs WHERE id = $1', [jobId])).rows[0]
      ?.status;
  const databases = async (): Promise<number | null> =>
    (await source.query(`SELECT FROM pg_database WHERE datname = 'inventory_tracker_db'`)).rowCount;
  const inService = async (sql: string): Promise<void> => {
    const url = new URL(await lab.databaseUrl());
    url.pathname = '/inventory_tracker_db';
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  const names = async (): Promise<unknown[]> =>
    (
      await source.query<{ name: string }>(
        `SELECT name FROM inventory_items WHERE sku LIKE 'LATE-%' ORDER BY 1`,
      )
    ).rows.map((row) => row.name);

  it('syncs back rows written since the switch without a flag', async () => {
    const jobId = await plantExport(lab, source);
    await inService(`INSERT INTO inventory_items (sku, name) VALUES ('LATE-1', 'In the last second')`);
    expect(await fail(jobId)).to.deep.equal([]);
    expect(await names()).to.deep.equal(['In the last second']);
    expect([await statusOf(jobId), await databases()]).to.deep.equal(['rolled_back', 0]);
  });

  it('keeps the database when rows cannot be synced back, and completes the rollback once they can', async () => {
    const jobId = await plantExport(lab, source);
    await inService(
      `ALTER TABLE inventory_items ADD extra text; INSERT INTO inventory_items (sku, name) VALUES ('LATE-2', 'Stuck')`,
    );
    const left = await fail(jobId);
    expect(left.map((one) => one.command)).to.deep.equal([
      `npx gulp rollback --job-id=${jobId} --bring-back`,
    ]);
    expect([await statusOf(jobId), await databases()]).to.deep.equal(['rollback_failed', 1]);
    expect(
      (await source.query('SELECT FROM tool_routes')).rowCount,
      'traffic returns to the monolith',
    ).to.equal(0);
    const refused = await lab.gulp('rollback', `--job-id=${jobId}`, '--bring-back', '--silent');
    expect(refused.code).to.equal(3);
    expect(refused.stdout).to.contain('column extra exists in the service only');
    await inService('ALTER TABLE inventory_items DROP extra');
    const { code, stdout } = await lab.gulp('rollback', `--job-id=${jobId}`, '--bring-back', '--silent');
    expect(code, stdout).to.equal(0);
    expect(await names()).to.deep.equal(['In the last second', 'Stuck']);
    expect([await statusOf(jobId), await databases()]).to.deep.equal(['rolled_back', 0]);
  });
});
