import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { JournalEntry } from '../../../../contracts/job.ts';
import { operationOf } from '../../../support/operations.ts';
import { addComposeEntry } from '../../../../exporter/generate/infrastructure/compose-text.ts';
import { openLab, type Lab } from '../../../support/lab.ts';
import { orphanChecksOf, type OrphanChecks } from '../../../support/orphan-checks.ts';
import { plantExport, prepareRegistry } from '../../../support/planted-export.ts';

const TOOL = '--tool-id=inventory-tracker';
const DATABASE = 'inventory_tracker_db';
const ROLES = ['inventory_tracker_owner', 'inventory_tracker_migrator', 'inventory_tracker_app'];

/** Needs no platform: all orphans are in the databases and the working tree. */
describe('orphans of an export in databases and files', function () {
  let lab: Lab;
  let db: pg.Client;
  let start: readonly string[];
  before(async () => {
    lab = await openLab({ start: false });
    db = await prepareRegistry(lab);
    start = await everything();
  });
  after(async () => {
    await db.end();
    await lab.close();
  });

  /** Databases, roles, slots, triggers, routes, the registry's state, and the working tree. */
  const everything = async (): Promise<string[]> => {
    const { rows } = await db.query<{ line: string }>(`
      SELECT 'database ' || datname AS line FROM pg_database UNION ALL SELECT 'role ' || rolname FROM pg_roles
      UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
      UNION ALL SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT 'route ' || tool_id FROM tool_routes UNION ALL SELECT 'tool ' || tool_id || is_exported FROM tool_registry ORDER BY 1`);
    const status = await lab.run('git', 'status', '--porcelain', '--untracked-files=all');
    return [...rows.map((row) => row.line), ...status.stdout.split('\n')];
  };
  const statusOf: OrphanChecks['statusOf'] = (jobId) => orphanChecksOf(lab, db).statusOf(jobId);
  const runCommand: OrphanChecks['runCommand'] = (command) => orphanChecksOf(lab, db).runCommand(command);
  const doctor: OrphanChecks['doctor'] = (...flags) => orphanChecksOf(lab, db).doctor(...flags);

  it('removes every orphan with the command that a failing undo prints', async () => {
    const jobId = await plantExport(lab, db);
    const { rows: entries } = await db.query<JournalEntry>(
      'SELECT seq, state, change FROM export_journal WHERE job_id = $1 ORDER BY seq DESC',
      [jobId],
    );
    for (const { change } of entries) {
      const command = operationOf(change).removeByHand?.(change) ?? '';
      if (command !== '') await runCommand(command);
    }
    expect(await everything()).to.deep.equal(start);
    const back = await lab.gulp('rollback', TOOL, '--silent');
    expect(back.code, back.stdout).to.equal(0);
    expect(await everything()).to.deep.equal(start);
  });

  it('lists orphans with commands when an undo fails, runs the other undos, and completes when repeated', async () => {
    const jobId = await plantExport(lab, db);
    await db.query(`ALTER DATABASE ${DATABASE} IS_TEMPLATE true`);
    await db.query(`GRANT SELECT ON export_jobs TO ${ROLES[2]}`);
    for (let time = 0; time < 2; time++) {
      const { code, report } = await lab.gulpJson('rollback', TOOL);
      expect(code).to.equal(5);
      const left = report.findings.filter((finding) => finding.code === 'rollback-incomplete');
      expect(left.map((finding) => finding.message).join('\n')).to.contain('cannot drop a template database');
      expect(await statusOf(jobId)).to.equal('rollback_failed');
      expect(
        new Set((await everything()).filter((line) => !start.includes(line))),
        'everything else is undone',
      ).to.deep.equal(new Set([`database ${DATABASE}`, ...ROLES.map((role) => `role ${role}`)]));
      expect((await doctor()).left.map((finding) => finding.remedy)).to.deep.equal([
        `npx gulp rollback --job-id=${jobId} --bring-back`,
      ]);
    }
    await db.query(`ALTER DATABASE ${DATABASE} IS_TEMPLATE false`);
    await db.query(`REVOKE SELECT ON export_jobs FROM ${ROLES[2]}`);
    const again = await lab.gulp('rollback', `--job-id=${jobId}`, '--silent');
    expect(again.code, again.stdout).to.equal(0);
    expect(await statusOf(jobId)).to.equal('rolled_back');
    expect(await everything()).to.deep.equal(start);
  });

  it("finds every kind of orphan without changing anything, and removes an export's orphans with --fix", async () => {
    // Without an export of the tool from here the resources are not orphans: a colleague or an administrator made them
    await db.query('DELETE FROM export_jobs');
    await plantEverything();
    await db.query(`SELECT pg_create_logical_replication_slot('inventory_tracker_cdc', 'pgoutput')`);
    const before = await everything();
    expect(await doctor('--fix')).to.deep.equal({ code: 0, left: [] });
    expect(await everything()).to.deep.equal(before);
    await db.query(`
      INSERT INTO export_jobs (tool_id, status) VALUES ('inventory-tracker', 'rolled_back');
      INSERT INTO export_journal (job_id, seq, state, change) SELECT id, 1, 'undone', '{}' FROM export_jobs`);
    expect((await doctor()).code).to.equal(5);
    expect(await everything()).to.deep.equal(before);
    const fixed = await doctor('--fix');
    expect(fixed.left.map((finding) => finding.remedy)).to.deep.equal(["rm -r 'apps/inventory-tracker-web'"]);
    expect(fixed.code, 'resources that only their owner may remove remain').to.equal(5);
    for (const finding of fixed.left) await runCommand(finding.remedy);
    await lab.run('rmdir', 'apps');
    expect(await doctor()).to.deep.equal({ code: 0, left: [] });
    // Exports make no slot in the platform's own database
    await db.query(`SELECT pg_drop_replication_slot('inventory_tracker_cdc')`);
    expect(await everything()).to.deep.equal(start);
  });

  it('prints working commands for all orphans', async () => {
    await plantEverything();
    const { code, left } = await doctor();
    expect(code).to.equal(5);
    expect(new Set(left.map((finding) => kindOf(finding.message)))).to.deep.equal(new Set(KINDS));
    for (const finding of left) await runCommand(finding.remedy);
    await lab.run('rmdir', 'apps');
    while ((await doctor()).code !== 0); // the process ends some time after SIGTERM
    expect(await everything()).to.deep.equal(start);
  });

  async function plantEverything(): Promise<void> {
    for (const role of ROLES) await db.query(`CREATE ROLE ${role}`);
    await db.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLES[0]}`);
    const own = new pg.Client({
      connectionString: (await lab.databaseUrl()).replace(/\/[^/?]+(?=\?|$)/, `/${DATABASE}`),
    });
    await own.connect();
    await own.query(`SELECT pg_create_logical_replication_slot('inventory_tracker_copy', 'pgoutput')`);
    await own.end();
    await db.query(`CREATE SCHEMA IF NOT EXISTS platform_fence;
      CREATE FUNCTION platform_fence."inventory-tracker"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER "platform_fence_inventory-tracker" BEFORE INSERT ON inventory_items FOR EACH STATEMENT EXECUTE FUNCTION platform_fence."inventory-tracker"();
      INSERT INTO tool_routes (tool_id, service_url, web_root) VALUES ('inventory-tracker', 'http://127.0.0.1:9', 'apps')`);
    const put = async (file: string, text: string): Promise<void> => {
      await mkdir(path.join(lab.root, path.dirname(file)), { recursive: true });
      await writeFile(path.join(lab.root, file), text);
    };
    const provenance = { tool: 'inventory-tracker', version: '1.0.0', commit: 'abc', files: {} };
    await put('apps/inventory-tracker-api/.export.json', JSON.stringify(provenance));
    await put('apps/inventory-tracker-web/notes.txt', 'made by hand');
    await put('gateway/conf.d/inventory-tracker.conf', '# left\n');
    const compose = path.join(lab.root, 'docker-compose.poc.yml');
    const entry = {
      services: 'inventory-tracker-api:\n  image: x\n',
      volumes: '',
      networks: '',
      secrets: '',
    };
    await writeFile(compose, addComposeEntry(await readFile(compose, 'utf8'), 'inventory-tracker', entry));
    await put('.platform/run/inventory-tracker-api.json', '{}');
    await put('.platform/run/docker-inventory-tracker-images', 'inventory-tracker\n');
    await put('.platform/run/worker.pid', '4194305');
    await put('.platform/secrets/inventory_tracker_app', 'secret');
    await put('.platform/logs/inventory-tracker-api.log', 'lines');
    await put('.platform/tmp/half-made/file', 'half');
    await put('docker-compose.poc.yml.3907791030', 'half');
    await put('gateway/conf.d/inventory-tracker.conf.3907791030', 'half');
    await put(`.platform/secrets/inventory_tracker_app.${randomUUID()}`, 'secret');
    const service = path.join(lab.root, 'apps/inventory-tracker-api/src/server.ts');
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', service], {
      detached: true,
      stdio: 'ignore',
    }).unref();
  }
});

const KINDS = [
  'process',
  'replication slot',
  'database',
  'role',
  'write fence',
  'gateway route',
  'route',
  'folder',
  'entry',
  'run file',
  'password',
  'log',
  'temporary file',
  'draft of a password',
  'draft',
];
const kindOf = (message: string): string | undefined =>
  KINDS.find((kind) => message.startsWith(`Orphaned: ${kind} `));
