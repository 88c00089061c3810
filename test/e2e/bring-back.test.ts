import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { takeFingerprint, withoutRows, type Fingerprint } from '../support/fingerprint.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { JournalBreakpoint } from '../support/journal-breakpoint.ts';
import { SettlementBreakpoint } from '../support/settlement-breakpoint.ts';

const TOOL = '--tool-id=inventory-tracker';
const DATABASE = 'inventory_tracker_db';

interface Item {
  readonly id: string;
  readonly sku: string;
}

/** One export, and the events that may happen between its switch and its rollback. The tests depend on their order. */
describe('rows that a service has written since the switch', function () {
  this.timeout(600_000);
  let lab: Lab;
  let start: Fingerprint;
  let exported: Fingerprint;
  let source: pg.Client;
  let service: pg.Client;

  const connect = async (database?: string): Promise<pg.Client> => {
    const url = new URL(await lab.databaseUrl());
    if (database !== undefined) url.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined); // the rollback terminates the connections to the database that it drops
    await client.connect();
    return client;
  };

  before(async () => {
    lab = await openLab({
      folder: "odd [path] {with} $igns, #1 'q'",
      env: { PLATFORM_STATE_DIR: '../its state [1]', PLATFORM_GATEWAY: 'auto' },
    });
    source = await connect();
    // nothing identifies a changed row: writes stop, and the monolith does not follow the service
    await source.query('ALTER TABLE inventory_items REPLICA IDENTITY NOTHING');
    start = await takeFingerprint(lab);
    const { code, report } = await lab.gulpJson('export', TOOL, '--runtime=local');
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    expect(report.result?.['cutover']).to.deep.equal({ mode: 'fenced' });
    exported = await takeFingerprint(lab);
    service = await connect(DATABASE);
  });
  after(async () => {
    await source.end();
    await service.end();
    await lab.close();
  });

  const api = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${lab.gatewayUrl}/api/inventory-tracker${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`).to.equal(
      true,
    );
    return response;
  };
  const rowsIn = async (client: pg.Client): Promise<string> => {
    const parts = ['inventory_items', 'inventory_transactions'].map(
      (table) =>
        `SELECT '${table}' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS r FROM ${table} t`,
    );
    const { rows } = await client.query<{ r: string }>(`${parts.join(' UNION ALL ')} ORDER BY 1`);
    return rows.map((row) => row.r).join('; ');
  };
  const objects = (findings: readonly object[]): unknown[] =>
    findings.flatMap((one) => ('object' in one ? [one.object] : []));

  it('refuses a rollback that would lose rows, lists them, and never blocks writes', async () => {
    const made = (await (
      await api('POST', '/items', { sku: 'HOME-1', name: 'Made in the service', quantity: 5, price: '1.10' })
    ).json()) as Item;
    await api('PUT', `/items/${made.id}`, {
      sku: 'HOME-1',
      name: 'Edited in the service',
      price: '2.20',
      reorderLevel: 1,
    });
    await service.query(`
      INSERT INTO inventory_transactions (item_id, kind, change, quantity_after, actor)
        SELECT id, 'receipt', 1, 1, 'test' FROM inventory_items WHERE sku = 'HOME-1';
      UPDATE inventory_items SET name = 'Renamed' WHERE sku = (SELECT min(sku) FROM inventory_items WHERE sku !~ '^HOME');
      DELETE FROM inventory_items WHERE id = (SELECT i.id FROM inventory_items i WHERE name <> 'Renamed' AND sku !~ '^HOME'
        AND NOT EXISTS (SELECT FROM inventory_transactions t WHERE t.item_id = i.id) ORDER BY sku LIMIT 1)`);
    const before = await rowsIn(source);
    const { code, report } = await lab.gulpJson('rollback', TOOL);
    expect(code).to.equal(3);
    const [refusal] = report.findings.filter((finding) => finding.code === 'service-has-writes');
    expect(refusal?.message).to.match(/public\.inventory_items: 1 added, 1 changed, 1 removed/);
    expect(refusal?.message).to.contain('--bring-back').and.to.contain('--discard-writes');
    expect(objects(report.findings)).to.include('public.inventory_transactions');
    expect(await rowsIn(source)).to.equal(before);
    await api('POST', '/items', {
      sku: 'HOME-2',
      name: 'The service accepts writes',
      quantity: 1,
      price: '1.00',
    });
  });

  it('refuses to lose rows written after SIGKILL of a resumed export that reopened the service', async () => {
    const breakpoint = await SettlementBreakpoint.install(await connect());
    await breakpoint.killAt('home', () => lab.spawnGulp('rollback', TOOL, '--bring-back', '--silent'));
    await breakpoint.killAt('forgotten', () =>
      lab.spawnGulp('export', TOOL, '--runtime=local', '--resume', '--silent'),
    );
    await breakpoint.remove();
    await api('POST', '/items', {
      sku: 'HOME-3',
      name: 'After the reverse sync',
      quantity: 1,
      price: '1.00',
    });
    const { code, report } = await lab.gulpJson('rollback', TOOL);
    expect(code, JSON.stringify(report.findings)).to.equal(3);
    expect(report.findings.map((finding) => finding.message).join('\n')).to.contain(
      'inventory_items: 1 added',
    );
  });

  it('marks the job as interrupted, to be resumed, when a refused rollback cannot reopen the service', async () => {
    await source.query(
      `ALTER TABLE inventory_items ADD CONSTRAINT no_home CHECK (sku <> 'HOME-3') NOT VALID`,
    );
    await service.query(`
      CREATE FUNCTION keep() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'nothing is dropped here'; END $$;
      CREATE EVENT TRIGGER keep ON sql_drop EXECUTE FUNCTION keep()`);
    const { code, report } = await lab.gulpJson('rollback', TOOL, '--bring-back');
    expect(code).to.be.oneOf([3, 4, 5]);
    const messages = report.findings.map((finding) => finding.message).join('\n');
    expect(messages).to.match(
      /no_home[^]*still refuses writes[^]*nothing is dropped here[^]*export --tool-id=\S+ --resume/,
    );
    const { report: status } = await lab.gulpJson('status', TOOL);
    expect((status.result as { tools: { jobStatus: string }[] }).tools[0]?.jobStatus).to.equal('interrupted');
    await service.query('DROP EVENT TRIGGER keep; DROP FUNCTION keep()');
    await source.query('ALTER TABLE inventory_items DROP CONSTRAINT no_home');
    // After another commit the plan is stale: the resumption is refused, and the service still answers
    await lab.run('git', 'commit', '--quiet', '--allow-empty', '-m', 'Work on something else');
    const refused = await lab.gulp('export', TOOL, '--runtime=local', '--resume', '--silent');
    expect(refused.code, refused.stdout).to.equal(3);
    expect(refused.stdout).to.match(
      /HEAD was \w+ [^]*Roll it back, and export anew: npx gulp rollback --tool-id=/,
    );
    await api('GET', '/items?limit=1');
    await lab.run('git', 'reset', '--quiet', '--soft', 'HEAD~1');
    const resumed = await lab.gulp('export', TOOL, '--runtime=local', '--resume', '--silent');
    expect(resumed.code, resumed.stdout).to.equal(0);
    await api('POST', '/items', { sku: 'HOME-6', name: 'Open once more', quantity: 1, price: '1.00' });
  });

  it('survives SIGKILL after the reverse sync; the resumed export accepts writes again', async () => {
    const breakpoint = await SettlementBreakpoint.install(await connect());
    await breakpoint.killAt('home', () => lab.spawnGulp('rollback', TOOL, '--bring-back', '--silent'));
    expect(await rowsIn(source), 'committed before it was killed').to.equal(await rowsIn(service));
    const refused = await fetch(`${lab.gatewayUrl}/api/inventory-tracker/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sku: 'SHUT-1', name: 'Closed', quantity: 1, price: '1.00' }),
    });
    expect(refused.status, 'a service whose rollback is under way').to.equal(503);
    const resumed = await lab.gulp('export', TOOL, '--runtime=local', '--resume', '--silent');
    expect(resumed.code, resumed.stdout).to.equal(0);
    await api('POST', '/items', { sku: 'HOME-4', name: 'Open again', quantity: 1, price: '1.00' });
    await breakpoint.remove();
    expect(withoutRows(await takeFingerprint(lab))).to.deep.equal(withoutRows(exported));
  });

  it('opens the monolith for writes before the service stops; a resumed export copies these writes', async () => {
    const { rows } = await source.query<{ seq: number }>(
      `SELECT seq FROM export_journal WHERE change ->> 'kind' = 'fence-tables' AND state <> 'undone'`,
    );
    const seq = rows[0]?.seq ?? 0;
    const breakpoint = await JournalBreakpoint.install(lab);
    await breakpoint.stopAt([{ seq, state: 'undone' }]);
    await breakpoint.killNext(() => lab.spawnGulp('rollback', TOOL, '--bring-back', '--silent'));
    expect((await fetch(`${lab.platformUrl}/api/tools/inventory-tracker`)).status).to.equal(200);
    const { rows: running } = await source.query(
      `SELECT seq FROM export_journal WHERE change ->> 'kind' = 'start-service' AND state = 'done'`,
    );
    expect(running, 'the service is still to be stopped').to.have.length(1);
    await source.query(
      `INSERT INTO inventory_items (sku, name) VALUES ('HOME-7', 'In the monolith meanwhile')`,
    );
    const resumed = await lab.gulp('export', TOOL, '--runtime=local', '--resume', '--silent');
    expect(resumed.code, resumed.stdout).to.equal(0);
    await breakpoint.remove();
    const copied = await service.query(`SELECT name FROM inventory_items WHERE sku = 'HOME-7'`);
    expect(copied.rows).to.deep.equal([{ name: 'In the monolith meanwhile' }]);
    expect(await rowsIn(service)).to.equal(await rowsIn(source));
    await api('POST', '/items', { sku: 'HOME-8', name: 'Open after it', quantity: 1, price: '1.00' });
  });

  it('syncs rows back with --bring-back and completes the rollback', async () => {
    const written = await rowsIn(service);
    const result = await lab.gulp('rollback', TOOL, '--bring-back', '--silent');
    expect(result.code, result.stdout + result.stderr).to.equal(0);
    expect(result.stdout).to.match(/Synced back public\.inventory_items: 1 added/);
    expect(await rowsIn(source)).to.equal(written);
    expect(withoutRows(await takeFingerprint(lab))).to.deep.equal(withoutRows(start));
    const found = await fetch(`${lab.platformUrl}/api/tools/inventory-tracker/items?q=HOME-1`);
    expect(await found.text()).to.contain('Edited in the service');
    await api('POST', '/items', { sku: 'HOME-5', name: 'In the monolith', quantity: 1, price: '1.00' });
  });

  it('leaves nothing in a repository and a state folder whose paths hold brackets, blanks and signs', async () => {
    const { code, report } = await lab.gulpJson('doctor');
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    expect(objects(report.findings)).to.deep.equal([]);
    expect(await readdir(lab.root)).not.to.include('.platform');
    const state = await readdir(path.join(lab.root, '../its state [1]'));
    expect(state).to.include.members(['postgres', 'secrets', 'logs']);
  });
});
