import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import type { Job } from '../../contracts/job.ts';
import type { ReturnStream } from '../../contracts/return-stream.ts';
import { parseSettings } from '../../contracts/settings.ts';
import { resolveDatabase, stopEmbedded } from '../../registry-api/store/embedded/index.ts';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { holdBefore } from '../support/hold-export.ts';
import { JournalBreakpoint, type Moment } from '../support/journal-breakpoint.ts';
import { openLab, type CliResult, type Lab } from '../support/lab.ts';
import {
  expectEachOnce,
  leftBehind,
  startWriter,
  type SteadyWriter,
  type Written,
} from '../support/steady-writers.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local', '--cutover=live', '--silent'];
const ROLLBACK = ['rollback', `--tool-id=${TOOL}`, '--silent'];
/** Changes that only a live export makes, and the copy. */
const LIVE =
  /^(publish-changes|copy-tables|close-service|follow-changes|write-gateway-conf|switch-over|follow-back) /;

describe('a live export', function () {
  this.timeout(900_000);
  let lab: Lab;
  let start: Fingerprint;
  let exported: Awaited<ReturnType<Lab['gulpJson']>>;
  const writers: SteadyWriter[] = [];

  before(async () => {
    lab = await openLab({ env: { PLATFORM_GATEWAY: 'nginx' } });
    start = await takeFingerprint(lab);
  });
  after(async () => {
    await Promise.allSettled(writers.map((writer) => writer.stop()));
    await lab.close();
  });

  async function asAdmin<T>(work: (client: pg.Client) => Promise<T>, database?: string): Promise<T> {
    const url = new URL(await lab.databaseUrl());
    if (database !== undefined) url.pathname = database;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async function more(n: number): Promise<void> {
    const wanted = writers.map((writer) => writer.count() + n);
    while (writers.some((writer, i) => writer.count() < wanted[i]!)) await delay(20);
  }

  const eachOnce = (written: readonly Written[]): Promise<void> =>
    asAdmin((client) => expectEachOnce(client, written));
  const leftInPostgres = (): Promise<readonly string[]> => asAdmin(leftBehind);

  /** Adds a migration to the exported service, applies it as an operator would, and removes its file. */
  async function migrateService(name: string, sql: string): Promise<CliResult> {
    const app = path.join(lab.root, 'apps/inventory-tracker-api');
    const [first] = globSync('**/migrations/001-*.sql', { cwd: app });
    const file = path.join(app, path.dirname(first!), name);
    const url = new URL(await lab.databaseUrl());
    [url.pathname, url.username, url.password] = ['inventory_tracker_db', 'inventory_tracker_migrator', ''];
    const env = {
      MIGRATOR_DATABASE_URL: url.href,
      MIGRATOR_PASSWORD_FILE: path.join(lab.root, '.platform/secrets/inventory_tracker_migrator'),
    };
    await writeFile(file, sql);
    try {
      return await lab.runWith(env, 'node', path.join(app, 'src/host/migrate.ts'));
    } finally {
      await rm(file);
    }
  }

  /** The service gets a column and a table, and keeps what its way back needs, while requests go on. */
  async function changeShape(): Promise<void> {
    const added = await migrateService(
      '002-add-colour.sql',
      'ALTER TABLE inventory_items ADD COLUMN colour text; CREATE TABLE inventory_tags (tag text)',
    );
    expect(added.code, added.stderr).to.equal(0);
    const refused = await migrateService(
      '003-drop.sql',
      'ALTER TABLE inventory_items RENAME COLUMN name TO label',
    );
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.match(
      /003-drop\.sql: ALTER TABLE would end the way back .*column public\.inventory_items\.name/,
    );
    await asAdmin(
      (client) => client.query("UPDATE inventory_items SET colour = 'red' WHERE sku LIKE 'LIVE-%'"),
      'inventory_tracker_db',
    );
    await more(5);
  }

  const ADDITIONS = ['column public.inventory_items.colour (text)', 'table public.inventory_tags'];

  it('loses and doubles no write, and answers nothing but 201 and one 503 a switch, out and back', async () => {
    const { platformUrl, gatewayUrl } = lab;
    const old = `/api/tools/${TOOL}`;
    const bases = [platformUrl, gatewayUrl].flatMap((url) => [`${url}${old}`, `${url}/api/${TOOL}`]);
    for (const [i, base] of bases.entries()) writers.push(startWriter(`${base}/items`, `LIVE-${i}`));
    await more(1);
    exported = await lab.gulpJson(...EXPORT.slice(0, -1));
    expect(exported.code, JSON.stringify(exported.report.findings)).to.equal(0);
    const answer = await fetch(`${platformUrl}/api/tools/export/jobs/${exported.report.jobId!}`);
    const job = (await answer.json()) as Job;
    const cutover = job.result!.cutover;
    expect(exported.report.result?.['cutover']).to.deep.equal(cutover);
    expect(cutover).to.include({ mode: 'live', attempts: 1 });
    expect(cutover.copiedRows).to.be.greaterThan(0).and.at.most(cutover.verifiedRows!);
    expect(cutover.appliedChanges, 'writers went on while it was copied').to.be.greaterThan(0);
    const phases = [
      'Copying',
      'Catching up',
      'Switching',
      'Switched',
      'Verifying',
      'Integrity checks passed',
    ];
    const named = job.logs.flatMap(({ message }) => phases.find((phase) => message.startsWith(phase)) ?? []);
    expect(named).to.deep.equal(phases);
    await more(20);
    const status = await lab.gulp('status', `--tool-id=${TOOL}`, '--silent');
    expect(status.stdout).to.match(/the monolith's tables follow the service, [\d,]+ bytes behind\n/);
    await changeShape();
    const { stdout } = await lab.gulp('status', `--tool-id=${TOOL}`, '--silent');
    for (const addition of ADDITIONS) expect(stdout).to.contain(`left behind by a rollback: ${addition}`);
    const preview = await lab.gulp(...ROLLBACK, '--dry-run');
    for (const addition of ADDITIONS) expect(preview.stdout).to.contain(`only the service has: ${addition}`);
    const back = await lab.gulpJson(...ROLLBACK.slice(0, -1));
    expect(back.code, JSON.stringify(back.report.findings)).to.equal(0);
    expect(back.report.findings.map(({ code, message }) => `${code} ${message}`)).to.deep.equal(
      ADDITIONS.map((addition) => `left-in-service Only in the service, and left behind: ${addition}`),
    );
    await more(5);
    const written = await Promise.all(writers.splice(0).map((writer) => writer.stop()));
    const others = written.map(({ others: seen }) => seen);
    for (const seen of others) {
      expect(Object.keys(seen), JSON.stringify(others)).to.satisfy((all: string[]) =>
        all.every((s) => s === '503'),
      );
      expect(seen['503'] ?? 0, JSON.stringify(others)).to.be.at.most(2);
    }
    await eachOnce(written);
    const longest = Math.max(...written.map(({ longestPauseMs }) => longestPauseMs));
    console.log(
      `      ${written.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)} writes; longest pause ${Math.round(longest)} ms`,
    );
    await asAdmin((client) => client.query("DELETE FROM inventory_items WHERE sku LIKE 'LIVE-%'"));
    expect(await leftInPostgres()).to.deep.equal([]);
  });

  it('rolls back, with the writes since the switch, when a row of the copy was changed before the switch', async () => {
    writers.push(startWriter(`${lab.platformUrl}/api/tools/${TOOL}/items`, 'PLANTED'));
    const hold = await holdBefore(lab, 'switch-over');
    const ended = lab.gulpJson(...EXPORT.slice(0, -1));
    await hold.reached(ended);
    await asAdmin(
      (client) =>
        client.query(
          "SET session_replication_role = replica; UPDATE inventory_items SET name = 'planted' WHERE sku = 'PLANTED-1'",
        ),
      'inventory_tracker_db',
    );
    await hold.release();
    const { code, report } = await ended;
    expect(code).to.equal(4);
    const messages = report.findings.map(({ message }) => message).join('\n');
    expect(messages).to.match(/The copy differs from its source:[^]*public\.inventory_items/);
    await more(3);
    const written = await Promise.all(writers.splice(0).map((writer) => writer.stop()));
    await eachOnce(written);
    const planted = "SELECT name FROM inventory_items WHERE sku = 'PLANTED-1'";
    expect((await asAdmin((client) => client.query(planted))).rows).to.deep.equal([{ name: 'PLANTED-1' }]);
    expect(await leftInPostgres()).to.deep.equal([]);
    await asAdmin((client) => client.query("DELETE FROM inventory_items WHERE sku LIKE 'PLANTED-%'"));
  });

  /** The platform reads the ways back every few seconds, so that a new one is there a moment later. */
  const wayBack = async (): Promise<ReturnStream | undefined> => {
    const answer = await fetch(`${lab.platformUrl}/api/registry/return-streams`);
    const { data } = (await answer.json()) as { data: readonly ReturnStream[] };
    return data.find(({ id }) => id === TOOL);
  };
  async function untilWayBack(state: ReturnStream['state']): Promise<ReturnStream> {
    for (;;) {
      const found = await wayBack();
      if (found?.state === state) return found;
      await delay(200);
    }
  }
  /** Samples of the tool, by the name of the metric. */
  async function metrics(): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(`${lab.platformUrl}/metrics`)).text();
    const samples = text.matchAll(/^tool_return_stream_(\w+)\{tool="inventory-tracker"\} (\S+)$/gm);
    return Object.fromEntries([...samples].map(([, name, value]) => [name, Number(value)]));
  }

  it('names in status, doctor and metrics why the way back is broken, and the remedy', async () => {
    expect(await metrics()).to.deep.equal({});
    expect((await lab.gulp(...EXPORT)).code).to.equal(0);
    expect((await untilWayBack('following')).remedy).to.equal(null);
    expect(await metrics()).to.include({ up: 1, apply_errors_total: 0 });

    await asAdmin((client) => client.query('ALTER TABLE inventory_items RENAME COLUMN name TO label'));
    const writer = startWriter(`${lab.platformUrl}/api/tools/${TOOL}/items`, 'STUCK');
    writers.push(writer);
    await more(2);
    const broken = await untilWayBack('broken');
    expect(broken.text).to.match(/^way back broken: a change cannot be applied \(\d+ failed attempts?\)$/);
    const measured = await metrics();
    expect(measured).to.include({ up: 0 });
    for (const name of ['lag_bytes', 'lag_seconds', 'apply_errors_total'])
      expect(measured[name], name).to.be.greaterThan(0);
    const { stdout } = await lab.gulp('status', `--tool-id=${TOOL}`, '--silent');
    expect(stdout).to.contain('way back broken: a change cannot be applied').and.contain(broken.remedy!);
    const doctor = await lab.gulpJson('doctor');
    expect(doctor.code).to.equal(3);
    const found = doctor.report.findings.filter(({ code }) => code === 'way-back-broken');
    expect(found.map(({ severity, remedy }) => ({ severity, remedy }))).to.deep.equal([
      { severity: 'error', remedy: broken.remedy },
    ]);
    expect(found[0]!.message).to.contain('is missing replicated column: "name"');

    await asAdmin((client) => client.query('ALTER TABLE inventory_items RENAME COLUMN label TO name'));
    await asAdmin((client) => client.query(`ALTER SUBSCRIPTION ${broken.name} DISABLE`));
    const disabled = 'is disabled';
    while ((await wayBack())?.text.includes(disabled) !== true) await delay(200);
    const advice = (await lab.gulpJson('status')).report.result?.['tools'] as {
      returnStream: ReturnStream;
    }[];
    await lab.run('sh', '-c', advice[0]!.returnStream.remedy!);
    await untilWayBack('following');
    const written = await writers.pop()!.stop();
    const last = 'SELECT FROM inventory_items WHERE sku = $1';
    while ((await asAdmin((client) => client.query(last, [written.acknowledged.at(-1)]))).rowCount === 0)
      await delay(50);
    await eachOnce([written]);
    await asAdmin(
      (client) => client.query("DELETE FROM inventory_items WHERE sku LIKE 'STUCK-%'"),
      'inventory_tracker_db',
    );
    expect(
      (await lab.gulpJson('doctor')).report.findings.filter(({ code }) => /way-back/.test(code)),
    ).to.deep.equal([]);
  });

  it('keeps the database of a service whose rows the monolith does not have, until they are discarded', async () => {
    const changed = await asAdmin(async (client) => {
      await client.query('SET session_replication_role = replica'); // past the fence
      return client.query<{ sku: string; name: string }>(
        "UPDATE inventory_items SET name = name || ' changed' WHERE sku = (SELECT min(sku) FROM inventory_items) RETURNING sku, name",
      );
    });
    for (const attempt of ['first', 'second']) {
      const { code, stdout } = await lab.gulp(...ROLLBACK);
      expect(code, `${attempt}\n${stdout}`).to.equal(5);
      expect(stdout).to.contain('The monolith serves the tool again').and.contain('--discard-writes');
      expect(stdout).to.match(/public\.inventory_items .* changed/);
    }
    expect(await databases()).to.include('inventory_tracker_db');
    expect((await fetch(`${lab.platformUrl}/api/tools/${TOOL}/items?limit=1`)).status).to.equal(200);
    const { code, stdout } = await lab.gulp(...ROLLBACK, '--discard-writes');
    expect(code, stdout).to.equal(0);
    expect(await databases()).not.to.include('inventory_tracker_db');
    expect(await leftInPostgres()).to.deep.equal([]);
    const [{ sku, name }] = changed.rows as [{ sku: string; name: string }];
    await asAdmin((client) =>
      client.query('UPDATE inventory_items SET name = $2 WHERE sku = $1', [
        sku,
        name.replace(/ changed$/, ''),
      ]),
    );
  });

  const databases = (): Promise<readonly string[]> =>
    asAdmin(async (client) => {
      const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
      return rows.map(({ datname }) => datname);
    });

  it('rolls back completely when PostgreSQL restarts while the copy follows', async () => {
    const seq = exported.report.changes.findIndex(({ summary }) => summary.startsWith('switch-over ')) + 1;
    const breakpoint = await JournalBreakpoint.install(lab);
    try {
      await breakpoint.stopAt([{ seq, state: 'started' }]);
      const child = lab.spawnGulp(...EXPORT);
      const ended = once(child, 'close');
      await breakpoint.reached(child);
      const settings = parseSettings(lab.env);
      await stopEmbedded(settings, lab.root);
      await resolveDatabase(settings, lab.root);
      await ended;
      expect(child.exitCode).to.equal(4);
    } finally {
      await breakpoint.remove();
    }
    expect(await leftInPostgres()).to.deep.equal([]);
  });

  it('completes when it is killed before and after each of its changes, and a rollback likewise, also after a killed completion', async () => {
    const changes = exported.report.changes.flatMap(({ summary }, i) => (LIVE.test(summary) ? [i + 1] : []));
    expect(changes).to.have.length(7);
    const moments = (...states: Moment['state'][]): Moment[] =>
      changes.flatMap((seq) => states.map((state) => ({ seq, state })));
    const breakpoint = await JournalBreakpoint.install(lab);
    const killAtEach = async (at: readonly Moment[], first: readonly string[], then: readonly string[]) => {
      let killed = 0;
      await breakpoint.stopAt(at);
      while ((await breakpoint.killNext(() => lab.spawnGulp(...(killed === 0 ? first : then)))) !== null)
        killed += 1;
      return killed;
    };
    try {
      expect(await killAtEach(moments('started', 'done'), EXPORT, [...EXPORT, '--resume'])).to.equal(14);
      const items = `${lab.platformUrl}/api/tools/${TOOL}/items`;
      const writer = startWriter(items, 'KILLED');
      writers.push(writer);
      await more(3);
      await breakpoint.stopAt([{ seq: exported.report.changes.length + 2, state: 'done' }]);
      const complete = ['complete', `--tool-id=${TOOL}`, '--silent'];
      expect(await breakpoint.killNext(() => lab.spawnGulp(...complete))).to.include({ state: 'done' });
      const status = await lab.gulp('status', `--tool-id=${TOOL}`, '--silent');
      expect(status.stdout).to.contain('its completion was interrupted. Continue it: npx gulp complete');
      expect(await killAtEach(moments('undoing', 'undone'), ROLLBACK, ROLLBACK)).to.equal(14);
      expect(existsSync(path.join(lab.root, '.platform/archive'))).to.equal(false);
      await more(3);
      writers.splice(0);
      await eachOnce([await writer.stop()]);
      await asAdmin((client) => client.query("DELETE FROM inventory_items WHERE sku LIKE 'KILLED-%'"));
    } finally {
      await breakpoint.remove();
    }
    expect(await leftInPostgres()).to.deep.equal([]);
  });

  it('restores the initial state', async () => {
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });
});
