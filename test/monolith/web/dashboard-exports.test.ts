import { randomUUID } from 'node:crypto';
import { appendFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { CANCELLED_BY_REQUEST, type CutoverResult } from '../../../contracts/job.ts';
import { STEP_IDS } from '../../../contracts/plan.ts';
import {
  appendLog,
  beginStep,
  createJob,
  endJob,
  endStep,
  refuseRollback,
  requestCancel,
  requestRollback,
  setProgress,
  startJob,
} from '../../../registry-api/store/jobs.ts';
import { tryLock } from '../../../registry-api/store/export-lock.ts';
import { axeViolations, newReader, pageErrors, problemsOfLook } from '../../support/browser.ts';
import { openCuttingProxy } from '../../support/cutting-proxy.ts';
import { dashboardLab, NEIGHBOURS, onlyTools, type DashboardLab } from '../../support/dashboard.ts';
import { openOidcProvider, type OidcProvider } from '../server/session/oidc-provider.ts';

const CUTS = 100;
const OPTIONS = { dryRun: false, runtime: 'local', cutover: 'fenced' } as const;
const STEPS = STEP_IDS.map((id) => ({ id, title: `Step ${id}` }));
const ADA = ['tools:write', 'exports:run', 'inventory:read', 'inventory:write'];

interface Line {
  readonly seq: number;
  readonly message: string;
}

describe('exports in the dashboard of a platform in production', function () {
  this.timeout(600_000);
  let lab: DashboardLab['lab'];
  let provider: OidcProvider;
  let context: BrowserContext;
  let page: Page;
  let errors: readonly string[];
  let site: string;
  let gateway: string;

  before(async () => {
    const opened = await dashboardLab();
    lab = opened.lab;
    await onlyTools(lab, NEIGHBOURS);
    await lab.commit('Whatever other tests have written');
    provider = await openOidcProvider();
    provider.claims = { permissions: ADA };
    await dashboardLab({
      PLATFORM_MODE: 'production',
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: 'platform',
    });
    [site, gateway] = [lab.platformUrl, lab.gatewayUrl].map((url) =>
      url.replace('127.0.0.1', 'localhost'),
    ) as [string, string];
    context = await newReader(opened.browser);
    page = await context.newPage();
    errors = pageErrors(page);
  });
  after(async () => {
    await context.close();
    await provider.close();
  });
  afterEach(() => {
    expect(errors).to.deep.equal([]);
  });

  const open = (route: string, base = site): Promise<unknown> => page.goto(`${base}${route}`);
  const heading = (name: string): Locator => page.getByRole('heading', { name, exact: true });
  const field = (name: string): Locator => page.getByLabel(name, { exact: true });
  const storedLog = async (jobId: string): Promise<readonly Line[]> => {
    const response = await fetch(`${lab.platformUrl}/api/tools/export/jobs/${jobId}`);
    return ((await response.json()) as { logs: readonly Line[] }).logs;
  };
  const shownLog = (): Promise<readonly Line[]> =>
    page.evaluate<readonly Line[]>(
      `[...document.querySelectorAll('app-job-log .line')].map((line) => ({
        seq: Number(line.dataset.seq), message: line.querySelector('.message').textContent }))`,
    );
  const untilStatus = async (...wanted: readonly string[]): Promise<string> => {
    const chip = page.locator('app-job-chip').first();
    for (;;) {
      const now = (await chip.getAttribute('data-status')) ?? '';
      if (wanted.includes(now)) return now;
      await delay(250);
    }
  };
  const chooseLocal = (): Promise<unknown> =>
    page.locator('label', { hasText: 'Runs on' }).locator('select').selectOption('local');
  const card = (id: string): Locator => page.locator(`[data-tool="${id}"]`);

  it('starts nothing before the user has signed in with the provider', async () => {
    await open('/tools/inventory-tracker/about');
    await heading('Inventory Tracker').waitFor();
    expect(await page.getByRole('link', { name: 'Export', exact: true }).count()).to.equal(0);
    await open('/tools/inventory-tracker/export');
    await page.getByText('You may not start exports').waitFor();
    for (const name of ['Start export', 'Dry run'])
      expect(await page.getByRole('button', { name }).count(), name).to.equal(0);
    expect(await problemsOfLook(page, 'start-export-forbidden')).to.deep.equal([]);
    await open('/tools/inventory-tracker/about');
    await heading('Inventory Tracker').waitFor();
    await page.getByLabel(/^Account: /).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await heading('Sign in').waitFor();
    expect(await problemsOfLook(page, 'sign-in-production')).to.deep.equal([]);
    await page.getByRole('link', { name: 'Continue' }).click();
    await page.waitForURL(`${site}/tools/inventory-tracker/about`); // by way of the provider
    await page.getByLabel('Account: ada').waitFor();
    await page.getByRole('link', { name: 'Export', exact: true }).waitFor();
    const session = (await context.cookies(site)).find(({ name }) => name === 'platform_session');
    expect(session).to.include({ httpOnly: true, sameSite: 'Lax' });
  });

  it(`shows the log as it is stored, after ${CUTS} broken connections`, async () => {
    const proxy = await openCuttingProxy(lab.platformUrl);
    const db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    try {
      // A job at work without the lock's session counts as abandoned
      expect(await tryLock(db, 'inventory-tracker')).to.equal(true);
      const jobId = await createJob(db, {
        toolId: 'inventory-tracker',
        options: OPTIONS,
        actor: 'test',
        steps: STEPS,
      });
      await startJob(db, jobId, {
        plan: null,
        servicePort: null,
        owner: { host: 'test', pid: 1, user: 'test' },
      });
      await beginStep(db, jobId, 'database');
      await open(`/exports/${jobId}`, proxy.url.replace('127.0.0.1', 'localhost'));
      await page.locator('app-job-log').waitFor();

      let cuts = 0;
      let lines = 0;
      while (cuts < CUTS) {
        lines += 1;
        await appendLog(db, jobId, {
          level: 'info',
          step: 'database',
          message: `Line ${lines} <i>&amp;</i> ✓`,
        });
        if (Math.random() < 0.6) cuts += proxy.cutStreams();
        await delay(Math.random() * 20);
      }
      await setProgress(db, jobId, {
          step: 'database', target: 'inventory_items', done: 562, total: 1250, unit: 'rows', bytes: 64_512, percent: 45, etaSeconds: 3,
        }); // prettier-ignore
      await page.getByText('562 of 1,250 rows · 64.5 kB · about 3.0 s left').waitFor();
      expect(await page.locator('[data-step="database"] .right').textContent()).to.contain('45%');
      expect(await page.title()).to.match(/^0 % · Export of inventory-tracker/);
      expect(await problemsOfLook(page, 'job-running')).to.deep.equal([]);

      await endJob(db, jobId, { status: 'cancelled' });
      expect(await untilStatus('cancelled')).to.equal('cancelled');
      const stored = await storedLog(jobId);
      expect(stored).to.have.length(lines);
      await page.locator(`.line[data-seq="${lines}"]`).waitFor();
      expect(await shownLog()).to.deep.equal(stored.map(({ seq, message }) => ({ seq, message })));

      await page.getByPlaceholder('Search the log').fill('line 17 <i>');
      expect(await shownLog()).to.have.length(1);
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ]);
      expect(file.suggestedFilename()).to.equal(`inventory-tracker-${jobId.slice(0, 8)}.log`);
    } finally {
      await db.end();
      await proxy.close();
    }
  });

  it('shows the phase of a live cut-over with its lag, and afterwards how it went', async () => {
    const db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    try {
      expect(await tryLock(db, 'task-manager')).to.equal(true);
      const options = { ...OPTIONS, cutover: 'live' } as const;
      const jobId = await createJob(db, { toolId: 'task-manager', options, actor: 'test', steps: STEPS });
      const owner = { host: 'test', pid: 1, user: 'test' };
      await startJob(db, jobId, { plan: null, servicePort: null, owner });
      await beginStep(db, jobId, 'infrastructure');
      await setProgress(db, jobId, {
        step: 'infrastructure',
        phase: 'catching up',
        target: '12.4 MB (40 s) behind',
        done: 7_600_000,
        total: 20_000_000,
        unit: 'bytes',
        percent: 38,
        etaSeconds: 65,
      });
      await open(`/exports/${jobId}`);
      await page
        .getByText('catching up: 12.4 MB (40 s) behind · 7,600,000 of 20,000,000 bytes · about 1m 5s left')
        .waitFor();
      expect(await problemsOfLook(page, 'job-live-running')).to.deep.equal([]);

      const cutover: CutoverResult = {
        mode: 'live',
        pauseMs: 87,
        attempts: 2,
        copiedRows: 1_250_000,
        appliedChanges: 4_711,
        verifiedRows: 1_252_003,
        shadow: { compared: 4_120, differing: 0, unstable: 3, skipped: 0 },
      };
      await db.query('UPDATE export_jobs SET result = $2 WHERE id = $1', [jobId, { cutover }]);
      for (const { id } of STEPS) await endStep(db, jobId, id, 'completed', 2_000);
      await endJob(db, jobId, { status: 'completed' });
      await db.query('SELECT pg_advisory_unlock_all()');
      const details = page.locator('[data-cutover]');
      await details.getByText('writes waited 87 ms, in 2 attempts').waitFor();
      await details
        .getByText('1,250,000 rows copied, 4,711 changes applied, 1,252,003 rows verified')
        .waitFor();
      await details.getByText('4,120 answers compared before the switch').waitFor();
      expect(await problemsOfLook(page, 'job-live-completed')).to.deep.equal([]);
    } finally {
      await db.end();
    }
  });

  it('shows why an export failed, and offers to roll back its remaining changes', async () => {
    const db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    try {
      const jobId = await createJob(db, {
        toolId: 'form-builder',
        options: OPTIONS,
        actor: 'test',
        steps: STEPS,
      });
      await startJob(db, jobId, {
        plan: null,
        servicePort: null,
        owner: { host: 'test', pid: 1, user: 'test' },
      });
      await endStep(db, jobId, 'preflight', 'completed', 1_500);
      await endStep(db, jobId, 'backend', 'failed', 12_000);
      // As if rolled back days later: the duration shown is that of its work
      await db.query(`UPDATE export_jobs SET started_at = started_at - interval '4 days' WHERE id = $1`, [
        jobId,
      ]);
      await endJob(db, jobId, {
        status: 'failed',
        error: { code: 'step-failed', message: 'tsc: src/app.ts(3,1): error TS1005', step: 'backend' },
      });
      const change = { step: 'backend', kind: 'create-service', target: 'apps/form-builder-api' };
      const planted = `INSERT INTO export_journal (job_id, seq, state, change) VALUES ($1, 1, 'done', $2)`;
      await db.query(planted, [jobId, change]);
      await open(`/exports/${jobId}`);
      await page.getByText('tsc: src/app.ts(3,1): error TS1005').waitFor();
      await page.locator('dl', { hasText: 'Took' }).getByText('14 s', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Roll back' }).waitFor();
      expect(await page.getByRole('link', { name: 'Export again' }).count(), 'with changes left').to.equal(0);
      expect(await problemsOfLook(page, 'job-failed')).to.deep.equal([]);
      await requestRollback(db, jobId, 'grace');
      await refuseRollback(db, jobId, 'Rows would be lost. Roll back with: npx gulp rollback --job-id=1');
      await open(`/exports/${jobId}`);
      await page.getByText('The rollback was refused').waitFor();
      expect(await page.locator('main').innerText())
        .to.contain('Rows would be lost.')
        .and.not.contain('--job-id');

      const error = {
        code: 'step-failed',
        message: 'tsc: src/app.ts(3,1): error TS1005',
        step: 'backend',
      } as const;
      await requestRollback(db, jobId, 'grace');
      await db.query(`UPDATE export_journal SET state = 'undone' WHERE job_id = $1`, [jobId]);
      await startJob(db, jobId, { plan: null, servicePort: null, owner: { host: 'h', pid: 1, user: 'u' } });
      await endJob(db, jobId, { status: 'rolled_back', error });
      const cancelled = { toolId: 'form-builder', options: OPTIONS, actor: 'test', steps: STEPS };
      const cancelledId = await createJob(db, cancelled);
      const reason = { code: 'cancelled', message: CANCELLED_BY_REQUEST, step: null };
      await requestCancel(db, cancelledId, 'ada');
      await endJob(db, cancelledId, { status: 'cancelled', error: reason });
      const diedId = await createJob(db, cancelled);
      await endJob(db, diedId, { status: 'interrupted' });
      const rows = page.locator('[data-job]');
      await open('/exports?tool=form-builder');
      await rows.nth(2).waitFor();
      expect(await rows.locator('app-job-chip').allInnerTexts()).to.deep.equal([
        'Interrupted',
        'Cancelled by ada',
        'Failed, rolled back by grace',
      ]);
      expect(await problemsOfLook(page, 'exports-outcomes')).to.deep.equal([]);
      await page.getByLabel('Result').selectOption('Failed');
      await page.locator(`[data-job="${cancelledId}"]`).waitFor({ state: 'detached' });
      expect(await rows.count()).to.equal(1);
      await page.locator(`[data-job="${jobId}"]`).waitFor();
      await open(`/exports/${cancelledId}`);
      await page.getByText('No change of the export remains.').waitFor();
      expect(await page.getByText('What went wrong').count()).to.equal(0);
      await page.getByRole('link', { name: 'Export again' }).waitFor();
      expect(await problemsOfLook(page, 'job-cancelled')).to.deep.equal([]);
      await open('/tools/form-builder/about');
      const entries = page.locator('app-history li strong');
      await entries.filter({ hasText: 'Export' }).first().waitFor();
      expect((await entries.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())).to.deep.equal([
        'Export: Interrupted',
        'Export: Cancelled by ada',
        'Export: Failed, rolled back by grace',
        'Registered',
      ]);
      expect(await problemsOfLook(page, 'about-outcomes')).to.deep.equal([]);
    } finally {
      await db.end();
    }
  });

  it('shows in a dry run every check and every file, and changes nothing', async () => {
    await open('/tools/inventory-tracker/about');
    await page.getByRole('link', { name: 'Export', exact: true }).click();
    await heading('Export inventory-tracker').waitFor();
    await page.locator('main select').waitFor();
    expect(await page.locator('main select').count(), 'choices that exist').to.equal(1);
    expect(await problemsOfLook(page, 'start-export')).to.deep.equal([]);
    await chooseLocal();
    const note = path.join(lab.root, 'docs/note.md');
    await appendFile(note, 'Written in a hurry.\n');
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('Uncommitted changes: docs/note.md').waitFor({ timeout: 120_000 });
    expect(await page.locator('main').innerText()).not.to.match(/--[a-z]|npx/);
    expect(await page.getByRole('button', { name: 'Start export' }).isDisabled()).to.equal(true);
    await page.getByText('Resolve the problems below, then repeat the dry run.').waitFor();
    expect(await problemsOfLook(page, 'plan-refused')).to.deep.equal([]);
    await page.getByLabel('Ignore uncommitted files that the export does not use').check();
    await page.getByText('All checks passed (dry-run)').waitFor({ timeout: 120_000 });
    await page.getByText('changes are planned, with a live cut-over.').waitFor();
    await page.getByText('No uncommitted changes').waitFor();
    await rm(note);
    await page.locator('[data-step="infrastructure"] summary').first().click();
    // A text is drawn up when it comes into view
    await page.locator('[data-step="infrastructure"] details.file').first().scrollIntoViewIfNeeded();
    await page.locator('[data-step="infrastructure"] [data-sign="+"]').first().waitFor();
    await page.locator('[data-step="backend"] summary').first().click();
    await page.getByText('apps/inventory-tracker-api/src/server.ts').waitFor();
    expect(await problemsOfLook(page, 'plan')).to.deep.equal([]);
    expect((await lab.run('git', 'status', '--short')).stdout).to.equal('');
  });

  it('cancels a running export, which leaves nothing behind', async () => {
    // No kept build passes the gates of a source that is new
    const file = path.join(lab.root, 'tools/inventory-tracker/backend/index.ts');
    await appendFile(file, `// ${randomUUID()}\n`);
    await lab.commit('Change the tool');
    await open('/tools/inventory-tracker/export');
    await chooseLocal();
    await page.getByRole('button', { name: 'Start export' }).click();
    await page.waitForURL('**/exports/*');
    await page.locator('[data-step="backend"][data-status="in_progress"]').waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Cancel Export' }).click();
    const question = page.getByRole('dialog');
    await question.getByText('The tool stays in the monolith').waitFor();
    expect(await problemsOfLook(page, 'cancel-question')).to.deep.equal([]);
    await question.getByRole('button', { name: 'Keep exporting' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await page.locator('app-job-chip').first().getAttribute('data-state')).to.equal('running');
    await page.getByRole('button', { name: 'Cancel Export' }).click();
    await question.getByRole('button', { name: 'Cancel the export' }).click();
    await page.locator('app-job-chip[data-state="cancelling"]').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel Export' }).count(), 'asked already').to.equal(0);
    expect(await untilStatus('cancelled', 'rolled_back')).to.be.oneOf(['cancelled', 'rolled_back']);
    await page.getByText('Cancelled by ada').waitFor();
    expect(await page.getByText('What went wrong').count()).to.equal(0);
    expect(await page.locator('[data-step="backend"]').getAttribute('data-status')).to.equal('cancelled');
    await page.getByRole('link', { name: 'Export again' }).waitFor();
    expect(await problemsOfLook(page, 'job-cancelled-by-reader')).to.deep.equal([]);
    expect((await lab.run('git', 'status', '--short')).stdout).to.equal('');
    await lab.run('git', 'reset', '--quiet', '--hard', 'HEAD~1');
  });

  it('exports a tool whose table has no key, says why its writes stop, and shows its result', async () => {
    const db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    await db.query('ALTER TABLE inventory_items REPLICA IDENTITY NOTHING');
    await db.end();
    await open('/tools/inventory-tracker/export');
    await chooseLocal();
    await page.getByRole('button', { name: 'Start export' }).click();
    await page.waitForURL('**/exports/*');
    const ended = await untilStatus('completed', 'failed', 'rolled_back');
    expect(ended, await page.locator('main').innerText()).to.equal('completed');
    const states = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('[data-step]')].map((step) => step.dataset.status)`,
    );
    expect(states).to.deep.equal(STEP_IDS.map(() => 'completed'));
    await page.getByText('Data migrated (1,250 rows)').waitFor();
    await page.getByText('Writes stop during the copy: public.inventory_items has no key').waitFor();
    await page.getByText('This machine, fenced cut-over').waitFor();
    const result = page.locator('app-job-result');
    await result.getByRole('heading', { name: 'Inventory Tracker runs as a service' }).waitFor();
    for (const [name, text] of [
      ['Database', /^inventory_tracker_db$/],
      ['Rows', /^1,250 moved, 1,250 verified$/],
      ['Contract', /^[1-9]\d* calls replayed$/],
      ['Checks', /^[1-9]\d passed/],
      ['Writes waited', /^[\d.]+ m?s$/],
      ['Way back', /^Roll back moves the tool, and its new data if you choose/],
    ] as const)
      expect(await result.locator(`dt:text-is("${name}") + dd`).innerText(), name).to.match(text);
    const app = await result.getByRole('link', { name: 'Open the web app' }).getAttribute('href');
    expect((await fetch(app ?? '')).status, app ?? '').to.equal(200);
    const health = await result.getByRole('link', { name: 'Health' }).getAttribute('href');
    expect((await fetch(health ?? '')).status).to.equal(200);
    expect(await problemsOfLook(page, 'job-completed')).to.deep.equal([]);
  });

  it('shows all tools, filters, finds and opens one, with the details of its export', async () => {
    await open('/tools', gateway);
    await card('inventory-tracker').getByText('Exported').waitFor();
    expect(await card('inventory-tracker').innerText()).to.match(/Beta[\s\S]*v1\.0\.0/i);
    expect(await card('form-builder').innerText()).to.match(/Active[\s\S]*v2\.0\.1/i);
    expect(await card('task-manager').innerText()).to.match(/Alpha[\s\S]*v0\.1\.0/i);
    expect(await problemsOfLook(page, 'tools-exported')).to.deep.equal([]);
    const status = page.locator('search label:has(> span:text-is("Status")) select');
    await status.selectOption('active');
    await page.getByText('2 tools found').waitFor();
    expect(await card('inventory-tracker').count()).to.equal(0);
    await status.selectOption('');
    await page.getByPlaceholder('Search name').fill('inventory');
    await page.getByText('1 tool found').waitFor();
    expect(await page.locator('app-tool-card').count()).to.equal(1);

    const tokens: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${gateway}/api/inventory-tracker/items`))
        tokens.push(request.headers()['authorization'] ?? 'none');
    });
    await page.getByRole('link', { name: 'Inventory Tracker', exact: true }).click();
    await page.waitForURL(`${gateway}/tools/inventory-tracker/**`);
    await page.getByText('1,250 items').waitFor();
    // The service asks for tokens: the page has one of the platform's session, and has put it nowhere
    expect((await fetch(`${lab.gatewayUrl}/api/inventory-tracker/items`)).status).to.equal(401);
    expect(tokens).to.have.length.above(0);
    for (const token of new Set(tokens)) {
      expect(decodeJwt(token.replace(/^Bearer /, '')).aud).to.equal('tool:inventory-tracker');
      const replayed = await fetch(`${lab.platformUrl}/api/tools`, { headers: { Authorization: token } });
      expect(replayed.status, 'the token of the page at the registry').to.equal(401);
    }
    const kept = await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    expect(kept).not.to.contain('eyJ');

    await page.getByRole('link', { name: 'New item' }).click();
    await heading('New item').waitFor();
    await field('Name').fill('Written by the service');
    await field('SKU').fill('FROM-SERVICE');
    await page.getByRole('button', { name: 'Add item' }).click();
    await heading('Inventory').waitFor();
    await page.getByText('1,251 items').waitFor();

    await open('/tools/inventory-tracker/about', gateway);
    await page.getByText('Healthy, v1.0.0').waitFor();
    const details = page.locator('app-export-details');
    await details.getByText('inventory_tracker_db').waitFor();
    await details.getByText('Process on the platform’s machine').waitFor();
    expect(await details.locator('dt:text-is("Replicas") + dd').innerText()).to.equal('1');
    expect(await details.getByRole('link', { name: 'View health' }).getAttribute('href')).to.match(
      /\/health$/,
    );
    await page.locator('app-history li', { hasText: 'Exported' }).first().getByText('by ada').waitFor();
    expect(await problemsOfLook(page, 'about-exported')).to.deep.equal([]);
    await open('/tools/inventory-tracker/export', gateway);
    await page.getByText('Inventory Tracker is exported already').waitFor();
    for (const name of ['Start export', 'Dry run'])
      expect(await page.getByRole('button', { name }).count(), name).to.equal(0);
    expect(await problemsOfLook(page, 'start-export-exported')).to.deep.equal([]);
  });

  it('previews a rollback, rolls the export back and syncs the rows of the service back', async () => {
    await open('/exports?status=completed');
    await page.locator('[data-job] a').first().click();
    await page.getByRole('button', { name: 'Roll back' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The rollback does this, in this order').waitFor({ timeout: 60_000 });
    for (const words of [
      'Stop the service',
      'Drop database inventory_tracker_db',
      'Delete apps/inventory-tracker-api/',
    ])
      await dialog.getByText(words).first().waitFor();
    expect(await dialog.innerText(), 'changes of the export').not.to.match(/create database|start service/i);
    await dialog.getByText('The service has written data since the cut-over').waitFor();
    const yes = dialog.getByRole('button', { name: 'Roll back' });
    expect(await yes.isDisabled(), 'before the reader has chosen').to.equal(true);
    await dialog.getByText('Choose first what happens to the data').waitFor();
    await dialog.getByRole('radio', { name: 'Sync the data back' }).check();
    await dialog.getByText('Sync 1 row back').waitFor();
    expect(await problemsOfLook(page, 'rollback-preview')).to.deep.equal([]);
    await yes.click();
    await page.locator('app-job-chip[data-state="rolling-back"]').first().waitFor();
    await page.getByText('Rolling back, requested by ada').waitFor();
    for (const name of ['Roll back', 'Cancel Export'])
      expect(await page.getByRole('button', { name }).count(), name).to.equal(0);
    expect(await problemsOfLook(page, 'job-rolling-back')).to.deep.equal([]);
    expect(await untilStatus('rolled_back', 'rollback_failed')).to.equal('rolled_back');
    expect((await lab.run('git', 'status', '--short')).stdout).to.equal('');
    await page.getByText('Rolled back by ada', { exact: true }).waitFor();
    await page
      .locator('[data-rollback]')
      .getByText(/by ada, \d{4}-\d\d-\d\d \d\d:\d\d/)
      .waitFor();
    const steps = page.locator('app-job-steps [data-step]');
    for (const id of STEP_IDS) await page.locator(`[data-step="${id}"][data-status="rolled_back"]`).waitFor();
    expect(await steps.count()).to.equal(STEP_IDS.length);
    await page.getByRole('link', { name: 'Export again' }).waitFor();
    expect(await problemsOfLook(page, 'job-rolled-back')).to.deep.equal([]);
    await open('/tools/inventory-tracker/about');
    await page.locator('app-history li', { hasText: 'Returned' }).first().getByText('by ada').waitFor();

    await open('/tools/inventory-tracker');
    await page.getByText('1,251 items').waitFor();
    await open('/exports?status=rolled_back');
    await page.locator('[data-job]').first().waitFor();
    expect(await axeViolations(page)).to.deep.equal([]);
    await open('/exports');
    await page.locator('[data-job]').first().waitFor();
    expect(await problemsOfLook(page, 'exports')).to.deep.equal([]);
  });

  it('signs out of the platform and of the provider', async () => {
    await page.getByLabel(/^Account: /).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${site}/sign-in`);
    await heading('Sign in').waitFor();
    expect((await context.cookies(site)).some(({ name }) => name === 'platform_session')).to.equal(false);
  });
});
