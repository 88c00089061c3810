import { expect } from 'chai';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { takeFingerprint } from '../support/fingerprint.ts';
import { GATES } from '../../contracts/gates.ts';
import { RUNNING_STATUSES, type CutoverResult, type Job } from '../../contracts/job.ts';
import { findHostNginx } from '../../exporter/adapters/nginx/host-nginx.ts';
import { findCompose } from '../../exporter/adapters/compose/compose-command.ts';
import { holdBefore } from '../support/hold-export.ts';
import { gatesIn, openLab, type Lab, type Report } from '../support/lab.ts';

interface Items {
  readonly data: readonly { readonly id: string; readonly name: string }[];
  readonly total: number;
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { redirect: 'manual' });
  return { status: response.status, text: await response.text() };
}

async function getItems(url: string): Promise<{ status: number; body: Items }> {
  const { status, text } = await get(url);
  return { status, body: JSON.parse(text) as Items };
}

const TOOL = '--tool-id=inventory-tracker';

describe('an export without flags', function () {
  this.timeout(600_000);
  let lab: Lab;
  let start: Awaited<ReturnType<typeof takeFingerprint>>;
  before(async () => {
    // without an engine, so that a command without flags chooses a process of this machine
    lab = await openLab({ env: { DOCKER_HOST: 'unix:///nowhere', LOG_LEVEL: 'info' } });
    const queries = path.join(lab.root, 'tools/inventory-tracker/backend/queries');
    await mkdir(queries);
    await writeFile(path.join(queries, 'draft.sql'), 'SELECT 1;\n\nSELEC 2;\n');
    await lab.commit('Keep a draft that is no SQL yet');
    start = await takeFingerprint(lab);
  });
  after(() => lab.close());

  async function query(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  it('prints the plan in a dry run, and changes no file, catalog, row or process', async () => {
    const result = await lab.gulp('export', TOOL, '--dry-run', '--silent');
    expect(result.code, result.stdout + result.stderr).to.equal(0);
    expect(result.stdout).to.contain('(DRY-RUN MODE)').and.to.contain('No containers: Docker is not running');
    expect(result.stdout).to.match(/ changes planned, live cut-over/);
    expect(result.stdout).to.match(/\nPlan \w+ of commit \w+: \d+ changes, live cut-over\n/);
    expect(result.stdout).to.contain('inventory_tracker_db');
    expect(result.stdout).to.contain('1,250 rows');
    expect(result.stdout).to.contain('apps/inventory-tracker-api/src/server.ts');
    expect(result.stdout).to.contain('CREATE TABLE');
    // Code that cannot be analyzed is reported with its place, and does not refuse the export
    expect(result.stdout).to.match(
      /! tools\/inventory-tracker\/backend\/queries\/draft\.sql:3: .*tables were not checked/,
    );
    expect(result.stdout).to.match(/\(warnings above: \d+\)/);
    expect(result.stdout).to.match(/Gates: .*\d+ not run: a dry run builds nothing/);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('logs the same plan in the job of a dry run through the API', async () => {
    const accepted = await fetch(`${lab.platformUrl}/api/tools/inventory-tracker/export`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dryRun: true, runtime: 'local' }),
    });
    expect(accepted.status).to.equal(202);
    let job = (await accepted.json()) as Job;
    while (RUNNING_STATUSES.includes(job.status)) {
      await delay(100);
      job = (await (await fetch(`${lab.platformUrl}/api/tools/export/jobs/${job.id}`)).json()) as Job;
    }
    expect(job.status, JSON.stringify(job.error)).to.equal('completed');
    expect(job.steps.map(({ status }) => status)).to.deep.equal([
      ...Array<string>(5).fill('completed'),
      'skipped',
    ]);
    const messages = job.logs.map(({ message }) => message).join('\n');
    expect(messages).to.match(/All checks passed: \d+ changes planned, live cut-over/);
    expect(job.result).to.deep.equal({ cutover: { mode: 'live' } });
    expect(messages).to.contain('inventory_tracker_db').and.to.contain('apps/inventory-tracker-api');
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('is fenced, and says why, where a table has no key; a live one is then refused', async () => {
    const identity = (is: string): Promise<unknown> =>
      query(`ALTER TABLE inventory_items REPLICA IDENTITY ${is}`);
    await identity('NOTHING');
    try {
      const reason = 'public.inventory_items has no key that identifies a changed row';
      const remedy = 'Add a primary key to public.inventory_items, or set its REPLICA IDENTITY';
      const fenced = await lab.run('gulp', 'export', TOOL, '--dry-run', '--silent', '--json');
      const report = JSON.parse(fenced.stdout) as Report;
      expect(report.findings.filter(({ code }) => code === 'cutover-fenced')).to.deep.equal([
        {
          code: 'cutover-fenced',
          severity: 'info',
          step: 'database',
          message: `Writes stop during the copy: ${reason}.`,
          remedy: `For a live cut-over, in which writes go on: ${remedy}`,
        },
      ]);
      expect(report.result?.['cutover']).to.deep.equal({ mode: 'fenced' });
      expect(report.changes.map(({ summary }) => summary).join()).to.contain('fence-tables');
      expect(fenced.stderr).to.contain(`Writes stop during the copy: ${reason}.\n    For a live cut-over`);
      for (const [flag, instead] of [
        ['--cutover=live', 'export with --cutover=fenced'],
        ['--shadow=90s', 'export without --shadow'],
      ] as const) {
        const refused = await lab.gulpJson('export', TOOL, flag);
        expect(refused.code).to.equal(3);
        expect(refused.report.findings.filter(({ severity }) => severity === 'error')).to.deep.equal([
          {
            code: 'live-impossible',
            severity: 'error',
            step: 'database',
            object: 'public.inventory_items',
            message: `${reason}.`,
            remedy: `${remedy}, or ${instead}`,
          },
        ]);
      }
    } finally {
      await identity('DEFAULT');
    }
  });

  it('rolls back before it copies when a live cut-over is no longer possible, instead of stopping writes', async () => {
    const hold = await holdBefore(lab, 'create-web-app');
    const ended = lab.gulp('export', TOOL, '--silent');
    await hold.reached(ended);
    await query('ALTER TABLE inventory_items REPLICA IDENTITY NOTHING');
    await hold.release();
    const { code, stdout } = await ended;
    await query('ALTER TABLE inventory_items REPLICA IDENTITY DEFAULT');
    expect(code, stdout).to.equal(4);
    expect(stdout).to.match(
      /Export failed: Migrate Database: The plan is a live cut-over, which is not possible any more/,
    );
    expect(stdout).to.contain('public.inventory_items has no key that identifies a changed row');
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('moves code, rows and traffic live, and prints the pause and the new addresses', async () => {
    const result = await lab.run('gulp', 'export', TOOL, '--silent', '--json');
    const { code, stderr } = result;
    expect(code, stderr).to.equal(0);
    const report = JSON.parse(result.stdout) as Report;
    const { mode, pauseMs } = report.result?.['cutover'] as CutoverResult;
    expect(mode).to.equal('live');
    expect(stderr).to.contain(`Cut-over: live, writes waited ${pauseMs} ms\n`);
    expect(report.steps.map((s) => s.id)).to.deep.equal([
      'preflight',
      'backend',
      'frontend',
      'database',
      'infrastructure',
      'health',
    ]);
    const { outcomes, details } = gatesIn(report);
    expect(outcomes).to.deep.equal({
      ...Object.fromEntries(GATES.map(({ gate }) => [gate, 'passed'])),
      'compose-config': (await findCompose()) === null ? 'not-run' : 'passed',
      'nginx-test': (await findHostNginx()) === null ? 'not-run' : 'passed',
      'image-build': 'not-run',
    });
    expect(details['image-build']).to.contain('--runtime=docker');
    expect(details['contract']).to.match(/^\d+ calls recorded and replayed/);
    const registered = await get(`${lab.platformUrl}/api/tools/inventory-tracker`);
    const tool = JSON.parse(registered.text) as Record<string, string | boolean>;
    expect(tool).to.include({ isExported: true, databaseName: 'inventory_tracker_db' });
    const service = String(tool['serviceUrl']);
    expect(JSON.parse((await get(`${service}/health`)).text)).to.include({
      status: 'healthy',
      service: 'Inventory Tracker',
      version: '1.0.0',
    });
    const addresses = [
      `${service}/api/inventory-tracker/items`,
      `${lab.gatewayUrl}/api/inventory-tracker/items`,
      `${lab.platformUrl}/api/tools/inventory-tracker/items`,
    ];
    for (const address of addresses) {
      const { status, body } = await getItems(address);
      expect(status, address).to.equal(200);
      expect(body.total, address).to.equal(1250);
    }
    for (const page of ['', 'some/deep/link']) {
      const web = await get(`${lab.gatewayUrl}/tools/inventory-tracker/${page}`);
      expect(web.status, page).to.equal(200);
      expect(web.text).to.contain('<base href="/tools/inventory-tracker/"');
    }
  });

  it('takes a token of the platform at the gateway and the old address, and refuses it at the service', async () => {
    const scope = '--scope=inventory:read,tools:write';
    const { stdout } = await lab.run('node', 'monolith/server/bin/token.ts', scope);
    const headers = { Authorization: `Bearer ${stdout.trim()}` };
    const statusAt = async (url: string): Promise<number> => (await fetch(url, { headers })).status;
    const { serviceUrl } = JSON.parse(
      (await get(`${lab.platformUrl}/api/tools/inventory-tracker`)).text,
    ) as Record<string, string>;
    expect(await statusAt(`${lab.gatewayUrl}/api/inventory-tracker/items`)).to.equal(200);
    expect(await statusAt(`${lab.platformUrl}/api/tools/inventory-tracker/items`)).to.equal(200);
    expect(await statusAt(`${serviceUrl}/api/inventory-tracker/items`)).to.equal(401);

    const exchange = `${lab.platformUrl}/api/session/token?tool=inventory-tracker`;
    const { accessToken } = (await (await fetch(exchange, { headers })).json()) as { accessToken: string };
    headers.Authorization = `Bearer ${accessToken}`;
    expect(await statusAt(`${serviceUrl}/api/inventory-tracker/items`)).to.equal(200);
    expect(await statusAt(`${lab.platformUrl}/api/tools`), 'replayed at the registry').to.equal(401);
  });

  it('copies the files of the tool byte for byte', async () => {
    const pairs: readonly (readonly [string, string])[] = [
      ['tools/inventory-tracker/backend', 'apps/inventory-tracker-api/src'],
      ['tools/inventory-tracker/tests', 'apps/inventory-tracker-api/tests'],
      ['tools/inventory-tracker/database', 'apps/inventory-tracker-api/database'],
      ['tools/inventory-tracker/frontend', 'apps/inventory-tracker-web/src/app'],
    ];
    for (const [from, to] of pairs) {
      const files = (
        await readdir(path.join(lab.root, from), { recursive: true, withFileTypes: true })
      ).filter((e) => e.isFile());
      expect(files, from).not.to.be.empty;
      for (const file of files) {
        const relative = path.relative(path.join(lab.root, from), path.join(file.parentPath, file.name));
        const [a, b] = await Promise.all([
          readFile(path.join(lab.root, from, relative)),
          readFile(path.join(lab.root, to, relative)),
        ]);
        expect(a.equals(b), `${to}/${relative}`).to.equal(true);
      }
    }
  });

  it('refuses writes to the fenced source tables, and loses none of their rows', async () => {
    const failure = await query('DELETE FROM inventory_items').catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'PF503');
    const { rows } = await query('SELECT count(*)::int AS n FROM inventory_items');
    expect(rows).to.deep.equal([{ n: 1250 }]);
  });

  it('refuses to migrate the fenced tables of the exported tool by hand', async () => {
    const { code, stderr } = await lab.run(
      'node',
      'monolith/server/bin/migrate-tool.ts',
      '--tool-id=inventory-tracker',
      '--down',
    );
    expect(code, stderr).to.equal(3);
    expect(stderr).to.contain('its tables in the monolith must not change');
  });

  it('runs pending migrations of the exported service as its migrator, and none that fails', async () => {
    const folder = path.join(lab.root, 'apps/inventory-tracker-api/database/migrations');
    const migrate = (...flags: string[]) => lab.gulp('migrate', '--tool-id=inventory-tracker', ...flags);
    const ask = async (sql: string): Promise<unknown> => {
      const url = new URL(await lab.databaseUrl());
      url.pathname = 'inventory_tracker_db';
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      const { rows } = await client.query<{ found: unknown }>(sql);
      await client.end();
      return rows[0]?.found;
    };
    const comment = (): Promise<unknown> =>
      ask("SELECT obj_description('inventory_items'::regclass) AS found");
    await writeFile(
      path.join(folder, '800-describe.sql'),
      "COMMENT ON TABLE inventory_items IS 'what we have';\nCREATE TABLE shelf (id int);\n",
    );
    const described = await comment();
    const preview = await migrate('--dry-run');
    expect(preview.code, preview.stderr).to.equal(0);
    expect(preview.stdout).to.match(/^would apply 800-describe\.sql\n1 of \d+ migrations pending$/m);
    expect(await comment(), 'a dry run changes nothing').to.equal(described);
    const applied = await migrate();
    expect(applied.code, applied.stderr).to.equal(0);
    expect(applied.stdout).to.contain('applied 800-describe.sql');
    expect(await comment()).to.equal('what we have');
    expect(
      await ask("SELECT relowner::regrole::text AS found FROM pg_class WHERE relname = 'shelf'"),
    ).to.equal('inventory_tracker_owner');
    expect((await migrate()).stdout).to.contain('nothing was pending');

    await writeFile(
      path.join(folder, '801-broken.sql'),
      "COMMENT ON TABLE inventory_items IS 'half';\nALTER TABLE no_such_table ADD x int;\n",
    );
    const failed = await migrate();
    expect(failed.code).to.equal(4);
    expect(failed.stderr).to.contain('801-broken.sql').and.contain('no_such_table');
    expect(await comment()).to.equal('what we have');
    await rm(path.join(folder, '801-broken.sql'));
    await rm(path.join(folder, '800-describe.sql'));
    await ask('DROP TABLE shelf');
  });

  it('refuses to migrate a service that does not exist, with the next step', async () => {
    const unknown = await lab.gulp('migrate', '--tool-id=nothing-here');
    expect(unknown.code).to.equal(3);
    expect(unknown.stderr).to.contain('npx gulp status');
    const usage = await lab.gulp('migrate', '--tool-id=inventory-tracker', '--dryrun');
    expect(usage.code).to.equal(2);
    expect(usage.stderr).to.contain('--dry-run');
  });

  it('shows the log lines of one request, of a level, and those that are written while it follows', async () => {
    const logs = async (...flags: string[]): Promise<readonly Record<string, unknown>[]> => {
      const { code, stdout, stderr } = await lab.gulp(
        'logs',
        '--tool-id=inventory-tracker',
        '--silent',
        ...flags,
      );
      expect(code, stderr).to.equal(0);
      const lines = stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const { serviceUrl } = (await (await fetch(`${lab.platformUrl}/api/tools/inventory-tracker`)).json()) as {
      readonly serviceUrl: string;
    };
    const request = (id: string): Promise<Response> =>
      fetch(`${serviceUrl}/api/inventory-tracker/items?limit=1`, { headers: { 'X-Request-Id': id } });
    await request('seen-before');
    const one = await logs('--since=10m', '--request-id=seen-before');
    expect(one).to.have.length(1);
    expect(one[0]).to.have.nested.property('req.url').that.contains('/items');
    const fatal = await logs('--level=fatal');
    expect(fatal).to.deep.equal([]);
    const following = lab.spawnGulp(
      'logs',
      '--tool-id=inventory-tracker',
      '--silent',
      '--follow',
      '--since=10m',
    );
    let seen = '';
    following.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    while (!seen.includes('seen-before')) await delay(50);
    await request('written-later');
    while (!seen.includes('written-later')) await delay(50);
    following.kill('SIGKILL');
    const usage = await lab.gulp('logs', '--tool-id=inventory-tracker', '--since=soon', '--level=loud');
    expect(usage.code).to.equal(2);
    expect(usage.stderr).to.contain('--since=soon').and.contain('--level=loud');
  });

  it('refuses a second export of an exported tool', async () => {
    await lab.commit('Commit the exported apps');
    const { code, report } = await lab.gulpJson('export', TOOL);
    expect(code).to.equal(3);
    expect(report.findings.filter((f) => f.severity === 'error').map((f) => f.code)).to.include(
      'already-exported',
    );
    const { outcomes, details } = gatesIn(report);
    expect(Object.keys(outcomes)).to.deep.equal(GATES.map(({ gate }) => gate));
    expect(outcomes['unit-tests']).to.equal('not-run');
    expect(details['unit-tests']).to.contain('refused');
    await lab.run('git', 'reset', '--quiet', '--soft', 'HEAD~1');
    await lab.run('git', 'reset', '--quiet');
  });

  it('rolls back completely without a flag, with the rows that the service has written', async () => {
    const response = await fetch(`${lab.gatewayUrl}/api/inventory-tracker/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sku: 'LATE-1', name: 'Written after the switch', quantity: 1, price: '1.00' }),
    });
    expect(response.status, await response.text()).to.equal(201);
    const preview = await lab.gulp('rollback', TOOL, '--dry-run', '--silent');
    expect(preview.code, preview.stdout).to.equal(0);
    expect(preview.stdout).to.contain('inventory_tracker_db');
    const result = await lab.gulp('rollback', TOOL, '--silent');
    expect(result.code, result.stdout + result.stderr).to.equal(0);
    expect(result.stdout).to.match(/Switched back to the monolith: writes waited \d+ ms/);
    expect(result.stdout).to.contain('Rollback completed successfully');
    expect(result.stdout).to.contain(
      `The monolith serves the tool: ${lab.platformUrl}/tools/inventory-tracker`,
    );
    const returned = "DELETE FROM inventory_items WHERE sku = 'LATE-1' RETURNING name";
    expect((await query(returned)).rows).to.deep.equal([{ name: 'Written after the switch' }]);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    for (const address of [
      `${lab.gatewayUrl}/api/inventory-tracker/items`,
      `${lab.platformUrl}/api/tools/inventory-tracker/items`,
    ]) {
      const { status, body } = await getItems(address);
      expect(status, address).to.equal(200);
      expect(body.total).to.equal(1250);
    }
  });

  it('refuses logs and migrations of a tool in the monolith, with the next step', async () => {
    for (const [command, next] of [
      ['logs', 'npm start'],
      ['migrate', 'npm run tool:migrate -- --tool-id=inventory-tracker'],
    ] as const) {
      const { code, stderr } = await lab.gulp(command, '--tool-id=inventory-tracker');
      expect(code, command).to.equal(3);
      expect(stderr).to.contain('runs in the monolith').and.contain(next);
    }
  });

  it('refuses to roll back an export that does not exist', async () => {
    const { code, report } = await lab.gulpJson('rollback', TOOL);
    expect(code).to.equal(3);
    expect(report.findings.map((f) => f.code)).to.include('nothing-to-roll-back');
  });
});
