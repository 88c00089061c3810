import { expect } from 'chai';
import pg from 'pg';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { ReturnStream } from '../../../contracts/return-stream.ts';
import { keepPicture, newReader, pageErrors, problemsOfLook } from '../../support/browser.ts';
import {
  builtDashboard,
  dashboardLab,
  onlyTools,
  registerTool,
  type DashboardLab,
} from '../../support/dashboard.ts';

const MANY = 10_000;
const PAGE_SIZE = 24;

describe('the tools in the dashboard', function () {
  this.timeout(600_000);
  let lab: DashboardLab['lab'];
  let browser: DashboardLab['browser'];
  let context: BrowserContext;
  let page: Page;
  let errors: readonly string[];

  before(async () => {
    ({ lab, browser } = await dashboardLab());
    await onlyTools(lab, [
      { toolId: 'form-builder', name: 'Form Builder', version: '2.0.1', status: 'active' },
      { toolId: 'secret-desk', name: 'Secret Desk', permissions: ['secrets:read'] },
    ]);
  });
  beforeEach(async () => {
    context = await newReader(browser);
    page = await context.newPage();
    errors = pageErrors(page);
  });
  afterEach(async () => {
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  const open = (path: string): Promise<unknown> => page.goto(`${lab.platformUrl}${path}`);
  const choose = (name: string, value: string): Promise<unknown> =>
    page.locator(`search label:has(> span:text-is("${name}")) select`).selectOption(value);
  const heading = (name: string): Locator => page.getByRole('heading', { name, exact: true });
  const field = (name: string): Locator => page.getByLabel(name, { exact: true });
  const search = (): Locator => page.getByPlaceholder('Search name, id or description');
  const names = async (): Promise<string[]> =>
    (await page.locator('app-tool-card h2').allTextContents()).map((name) => name.trim());
  const signIn = async (permissions: string, to = '/tools'): Promise<void> => {
    await open(`/sign-in?to=${to}`);
    await heading('Sign in').waitFor();
    await field('Or with these permissions').fill(permissions);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('Account: guest').waitFor();
  };

  it('finds tools as one types, filters and sorts them, and keeps it all in the address', async () => {
    await open('/tools');
    await page.getByText('3 tools', { exact: true }).waitFor();
    expect(await names()).to.deep.equal(['Form Builder', 'Inventory Tracker', 'Secret Desk']);

    await choose('Status', 'active');
    await page.getByText('1 tool found').waitFor();
    expect(await names()).to.deep.equal(['Form Builder']);
    expect(page.url()).to.contain('status=active');

    await choose('Status', '');
    await page.getByText('3 tools', { exact: true }).waitFor(); // not the one tool of the filter before
    await search().fill('invntory');
    await page.getByText('1 tool found').waitFor();
    expect(await names()).to.deep.equal(['Inventory Tracker']);

    await page.reload();
    await page.getByText('1 tool found').waitFor();
    expect(await search().inputValue()).to.equal('invntory');

    await search().fill('no such thing at all');
    await page.getByText('No tool matches').waitFor();
    expect(await problemsOfLook(page, 'tools-nothing-found')).to.deep.equal([]);
    await page.getByRole('button', { name: 'Show all tools' }).click();
    await page.getByText('3 tools', { exact: true }).waitFor();
  });

  it('shows a tool that is registered elsewhere without being asked', async () => {
    await open('/tools?q=latecomer');
    await page.getByText('No tool matches').waitFor();
    await registerTool(lab, { toolId: 'latecomer', name: 'Latecomer' });
    await page.getByRole('link', { name: 'Latecomer', exact: true }).waitFor();
    await fetch(`${lab.platformUrl}/api/tools/latecomer`, { method: 'DELETE' });
  });

  it('shows which tools do not run and which services are down, and why', async () => {
    const problem = 'tools/inventory-tracker/backend/index.ts:4: the warehouse does not answer';
    const failed = { id: 'inventory-tracker', state: 'failed', problem, retryAfter: 12 };
    const stopped = { id: 'form-builder', state: 'stopped', problem: null, retryAfter: null };
    await page.route('**/api/registry/tool-states', (route) =>
      route.fulfill({ json: { data: [failed, stopped] } }),
    );
    const down = { id: 'secret-desk', state: 'down', instances: 1, ready: 0 };
    await page.route('**/api/registry/service-states', (route) => route.fulfill({ json: { data: [down] } }));
    await page.route('**/api/tools?**', async (route) => {
      const answer = await route.fetch();
      const { data, ...rest } = (await answer.json()) as { data: { toolId: string }[] };
      const exported = data.map((tool) => ({ ...tool, isExported: tool.toolId === 'secret-desk' }));
      await route.fulfill({ response: answer, json: { ...rest, data: exported } });
    });
    const card = (id: string): Locator => page.locator(`[data-tool="${id}"]`);
    await open('/tools');
    await card('inventory-tracker').getByText('Does not run', { exact: true }).waitFor();
    await card('secret-desk').getByText('Service down', { exact: true }).waitFor();
    expect(await card('form-builder').locator('.trouble').count(), 'a stopped tool is no trouble').to.equal(
      0,
    );
    expect(await problemsOfLook(page, 'tools-not-running')).to.deep.equal([]);
    await open('/tools/inventory-tracker/about');
    await page.getByText('Does not run', { exact: true }).waitFor();
    await page.getByText(`${problem} It is started again in 12 s.`).waitFor();
    expect(await problemsOfLook(page, 'about-not-running')).to.deep.equal([]);
    await open('/tools/form-builder/about');
    await page.getByText('Stopped', { exact: true }).waitFor();
    await page.getByText('It starts with its next request.').waitFor();
    expect(await problemsOfLook(page, 'about-stopped')).to.deep.equal([]);
  });

  it('shows which ways back of exported tools are behind or broken, and the remedy', async () => {
    const ready = (id: string) => ({ id, state: 'ready', instances: 1, ready: 1 });
    const stream = { running: true, lagBytes: 12_400_000, lagSeconds: 40, errors: 0 };
    const behind: ReturnStream = {
      ...stream,
      id: 'form-builder',
      name: 'form_builder_db_back',
      database: 'form_builder_db',
      state: 'behind',
      text: 'behind by 12.4 MB (40 s) on its way back',
      remedy: 'It catches up by itself, unless the worker waits for a lock',
    };
    const broken: ReturnStream = {
      ...stream,
      id: 'secret-desk',
      name: 'secret_desk_db_back',
      database: 'secret_desk_db',
      state: 'broken',
      text: 'way back broken: the subscription secret_desk_db_back is disabled',
      remedy: `npx gulp db:sql --command='ALTER SUBSCRIPTION "secret_desk_db_back" ENABLE'`,
    };
    const following: ReturnStream = {
      ...stream,
      id: 'inventory-tracker',
      name: 'x',
      database: 'x',
      state: 'following',
      text: '',
      remedy: null,
    };
    const streams = [behind, broken, following];
    await page.route('**/api/registry/service-states', (route) =>
      route.fulfill({ json: { data: streams.map(({ id }) => ready(id)) } }),
    );
    await page.route('**/api/registry/return-streams', (route) => route.fulfill({ json: { data: streams } }));
    const exported = {
      isExported: true,
      serviceUrl: 'http://127.0.0.1:1',
      gatewayUrl: 'http://127.0.0.1:2',
      webUrl: 'http://127.0.0.1:2/',
      databaseName: 'secret_desk_db',
    };
    await page.route('**/api/tools?**', async (route) => {
      const answer = await route.fetch();
      const { data, ...rest } = (await answer.json()) as { data: object[] };
      await route.fulfill({
        response: answer,
        json: { ...rest, data: data.map((tool) => ({ ...tool, ...exported })) },
      });
    });
    await page.route('**/api/tools/secret-desk', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), ...exported } });
    });
    await page.route('**/api/tools/secret-desk/health', (route) =>
      route.fulfill({ json: { status: 'healthy', service: 'secret-desk', version: '1.0.0' } }),
    );
    const card = (id: string): Locator => page.locator(`[data-tool="${id}"]`);
    await open('/tools');
    await card('form-builder').getByText('12.4 MB behind', { exact: true }).waitFor();
    await card('secret-desk').getByText('Way back broken', { exact: true }).waitFor();
    expect(await card('inventory-tracker').locator('.trouble').count()).to.equal(0);
    expect(await problemsOfLook(page, 'tools-ways-back')).to.deep.equal([]);
    await open('/tools/secret-desk/about');
    await page.getByText('Broken: the subscription secret_desk_db_back is disabled').waitFor();
    await page.getByText(broken.remedy!).waitFor();
    expect(await problemsOfLook(page, 'about-way-back-broken')).to.deep.equal([]);
  });

  it('shows what it knows while the registry is away, and goes on when it is back', async () => {
    const gone = (): Promise<unknown> => page.route('**/api/tools?**', (route) => route.abort());
    await gone();
    await open('/tools');
    await page.getByText('The tools could not be loaded').waitFor();
    await page.getByText('The platform does not answer. Is it running?').waitFor();
    expect(await problemsOfLook(page, 'tools-registry-away')).to.deep.equal([]);
    await page.unroute('**/api/tools?**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('3 tools', { exact: true }).waitFor();

    await gone();
    await page.getByRole('alert').filter({ hasText: 'This list may be out of date' }).waitFor();
    expect(await names(), 'what was known is still there').to.have.length(3);
    await page.unroute('**/api/tools?**');
    await page
      .getByRole('alert')
      .filter({ hasText: 'This list may be out of date' })
      .waitFor({ state: 'detached' });
  });

  it('lets a person keep stock with the inventory tracker, and says what is wrong at the field', async () => {
    await open('/tools');
    await page.getByRole('link', { name: 'Inventory Tracker', exact: true }).click();
    await page.getByText(/1,25\d items/).waitFor();
    expect(await problemsOfLook(page, 'inventory')).to.deep.equal([]);
    await page.getByRole('link', { name: 'New item' }).click();
    // The list stays, with a field of its own for name and SKU, until the form has been loaded
    await heading('New item').waitFor();
    await field('Name').fill('Hex bolt M8 × 40 <b>bold</b>');
    await field('SKU').fill('not a sku!');
    await page.getByRole('button', { name: 'Add item' }).click();
    await page.getByText(/SKU must match/).waitFor();
    expect(await problemsOfLook(page, 'inventory-new')).to.deep.equal([]);
    await field('SKU').fill('BOLT-M8-40');
    await field('Opening stock').fill('10');
    await field('Reorder at').fill('4');
    await page.getByRole('button', { name: 'Add item' }).click();
    await heading('Inventory').waitFor();
    await field('Search name or SKU').fill('BOLT-M8-40');
    const row = page.locator('tr[data-sku="BOLT-M8-40"]');
    await row.waitFor();
    expect(await row.textContent()).to.contain('<b>bold</b>');
    await row.getByRole('button', { name: 'Adjust' }).click();
    await page.getByRole('radio', { name: 'Taken out' }).click();
    await field('Pieces').fill('11');
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByText(/cannot be taken out/).waitFor();
    await field('Pieces').fill('7');
    await page.getByRole('button', { name: 'Record' }).click();
    await row.getByText('Low').waitFor();
    expect(await row.textContent()).to.match(/Low\s*3/);
  });

  it('makes a tool from its form, which is on the grid and opens without a manual step', async () => {
    await open('/tools');
    await page.getByRole('link', { name: 'New Tool' }).click();
    await heading('New tool').waitFor();
    await page.getByText('Preview of every file').waitFor();
    await page.getByLabel('Tool name').fill('Inventory Tracker');
    await page
      .getByText(/tools\/inventory-tracker/)
      .first()
      .waitFor();
    await page.getByLabel('Tool name').fill('Task Manager');
    await page.getByLabel('Initial version').fill('one');
    await page.getByLabel('Description').fill('Manage tasks and to-do lists');
    await page.locator('.field.wrong').filter({ hasText: 'Initial version' }).waitFor();
    await page.getByLabel('Initial version').fill('1.0.0');
    await page.getByLabel('Status').selectOption('beta');
    await page.getByRole('option', { name: 'tools/task-manager/manifest.json' }).click();
    await field('tools/task-manager/manifest.json').getByText('"Task Manager"').waitFor();
    await page.getByLabel('Tool name').focus();
    expect(await problemsOfLook(page, 'new-tool')).to.deep.equal([]);

    await page.getByRole('button', { name: 'Create tool' }).click();
    await page.waitForURL('**/tools/task-manager');
    const here = await context.newPage();
    await here.goto(`${lab.platformUrl}/tools`);
    const card = here.locator('[data-tool="task-manager"]');
    await card.waitFor();
    expect(await card.innerText()).to.match(/Task Manager[\s\S]*Beta[\s\S]*v1\.0\.0/i);

    await page.locator('app-tool-frame').waitFor({ timeout: 120_000 });
    await heading('Tasks').waitFor();
    expect(await problemsOfLook(page, 'task-manager')).to.deep.equal([]);
    const { stdout } = await lab.run('git', 'status', '--short', '--untracked-files=all', 'tools');
    expect(stdout).to.contain('?? tools/task-manager/manifest.json');
  });

  it('keeps what a user has typed when another user has changed the row, and offers the new values', async () => {
    const tasks = `${lab.platformUrl}/api/tools/task-manager/tasks`;
    const { data } = (await (await fetch(tasks)).json()) as { data: { id: string; name: string }[] };
    const id = data[0]?.id ?? '';
    const stored = async (): Promise<string> =>
      ((await (await fetch(`${tasks}/${id}`)).json()) as { name: string }).name;
    const changeElsewhere = (name: string): Promise<Response> =>
      fetch(`${tasks}/${id}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name }),
      });
    const refused = page
      .getByRole('alert')
      .filter({ hasText: /This task was changed on .*, after you opened it/ });
    await open(`/tools/task-manager/tasks/${id}`);
    await heading('Edit task').waitFor();
    await field('Name').fill('Typed here');
    expect((await changeElsewhere('Changed elsewhere')).status).to.equal(200);
    await page.getByRole('button', { name: 'Save' }).click();
    await refused.waitFor();
    expect(await field('Name').inputValue()).to.equal('Typed here');
    expect(await stored()).to.equal('Changed elsewhere');
    expect(await problemsOfLook(page, 'task-changed')).to.deep.equal([]);
    await page.getByRole('button', { name: 'Load the new values' }).click();
    expect(await field('Name').inputValue()).to.equal('Changed elsewhere');

    await field('Name').fill('Typed again');
    expect((await changeElsewhere('Changed again')).status).to.equal(200);
    await page.getByRole('button', { name: 'Save' }).click();
    await refused.waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await heading('Tasks').waitFor();
    expect(await stored(), 'saved over the new values').to.equal('Typed again');
  });

  it('shows the edit of another user before it is overwritten, also when a movement has read the item again', async () => {
    const items = `${lab.platformUrl}/api/tools/inventory-tracker/items`;
    const send = async (method: string, url: string, body: object): Promise<{ id: string }> =>
      (await (
        await fetch(url, {
          method,
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()) as { id: string };
    const { id } = await send('POST', items, { sku: 'TWO-EDITORS', name: 'Shared' });
    await open(`/tools/inventory-tracker/items/${id}`);
    await heading('Shared').waitFor();
    await field('Name').fill('Typed here');
    await send('PUT', `${items}/${id}`, { sku: 'TWO-EDITORS', name: 'Edited elsewhere' });
    await page.getByRole('button', { name: 'Adjust stock' }).click();
    await field('Pieces').fill('3');
    await page.getByRole('button', { name: 'Record' }).click();
    await heading('Edited elsewhere').waitFor();
    expect(await field('Name').inputValue()).to.equal('Typed here');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('alert')
      .filter({ hasText: /This item was changed on .*, after you opened it/ })
      .waitFor();
    expect(await problemsOfLook(page, 'item-changed')).to.deep.equal([]);
    await page.getByRole('button', { name: 'Load the new values' }).click();
    expect(await field('Name').inputValue()).to.equal('Edited elsewhere');
    await field('Name').fill('Typed again');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Typed again saved').waitFor();
    const stored = (await (await fetch(`${items}/${id}`)).json()) as object;
    expect(stored).to.include({ name: 'Typed again', quantity: 3 });
  });

  it('leaves a tool out that does not compile, and shows the compiler on its page', async () => {
    const file = 'tools/task-manager/frontend/tool.routes.ts';
    await lab.run('sh', '-c', `echo 'export const broken: number = "text";' >> ${file}`);
    await registerTool(lab, { toolId: 'nudge', name: 'Nudge' }); // the set of tools changes: a build begins
    await open('/tools/task-manager');
    await builtDashboard(lab, ({ problems }) => 'task-manager' in problems);
    await open('/tools/task-manager');
    await page.getByText('The pages of Task Manager do not compile').waitFor();
    await page.getByText(/Type 'string' is not assignable to type 'number'/).waitFor();
    expect(await problemsOfLook(page, 'tool-broken')).to.deep.equal([]);
    await open('/tools/inventory-tracker');
    await page.getByText(/items/).first().waitFor();
  });

  it('keeps readers out who lack the permission, and says which one', async () => {
    await signIn('inventory:read');
    await heading('Tools').waitFor();
    expect(await page.getByRole('link', { name: 'New Tool' }).count()).to.equal(0);
    await page.locator('[data-tool="secret-desk"]').getByText('No access').waitFor();
    const session = (await context.cookies()).find(({ name }) => name === 'platform_session');
    expect(session).to.include({ httpOnly: true, sameSite: 'Lax' });
    expect(await page.evaluate<string>('document.cookie')).not.to.contain('platform_session');
    await open('/tools/inventory-tracker/items/new');
    await heading('New item').waitFor();
    await field('Name').fill('Not mine');
    await field('SKU').fill('NOT-MINE');
    await page.getByRole('button', { name: 'Add item' }).click();
    await page.getByRole('alert').filter({ hasText: 'inventory:write' }).waitFor();
    await signIn('tasks:read', '/tools/inventory-tracker');
    await page.getByText('You may not open inventory-tracker').waitFor();
    await page.getByText('inventory:read').waitFor();
    expect(await problemsOfLook(page, 'forbidden')).to.deep.equal([]);
    await page.getByLabel(/^Account: /).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in').waitFor();
    expect(await problemsOfLook(page, 'sign-in')).to.deep.equal([]);
    expect((await context.cookies()).some(({ name }) => name === 'platform_session')).to.equal(false);
  });

  it('lets a developer who is signed in open a tool that came after the sign-in', async () => {
    await open('/sign-in');
    await page.getByRole('button', { name: 'Developer' }).click();
    await heading('Tools').waitFor();
    await registerTool(lab, { toolId: 'newcomer', name: 'Newcomer', permissions: ['newcomers:read'] });
    await page.locator('[data-tool="newcomer"]').waitFor();
    expect(await page.getByText('No access').count()).to.equal(0);
    const { value: cookie = '' } =
      (await context.cookies()).find(({ name }) => name === 'platform_session') ?? {};
    expect(cookie.length, 'bytes of the cookie, however many tools there are').to.be.below(1000);
    await fetch(`${lab.platformUrl}/api/tools/newcomer`, { method: 'DELETE' });
  });

  it('tells the reader when their sign-in has ended, and leads back to where they were', async () => {
    await signIn('inventory:read', '/tools?status=active');
    await heading('Tools').waitFor();
    // Without a session development mode lends the developer; a server that refuses is what production looks like
    await page.route('**/api/session', (route) =>
      route.fulfill({
        json: { mode: 'production', principal: null, signedIn: false, expiresAt: null, signIn: 'oidc' },
      }),
    );
    await page.route('**/api/tools?**', (route) =>
      route.fulfill({ status: 401, json: { status: 401, title: 'No' } }),
    );
    const notice = page.getByRole('alert').filter({ hasText: 'Your session has ended' });
    await notice.waitFor();
    expect(await notice.getByRole('link').getAttribute('href')).to.equal(
      '/sign-in?to=%2Ftools%3Fstatus%3Dactive',
    );
    expect(await names()).to.deep.equal(['Form Builder']);
  });

  it('leaves signing in and out to the application that the platform is part of', async () => {
    const session = { mode: 'production', principal: null, signedIn: false, expiresAt: null, signIn: 'host' };
    const principal = { subject: 'sam', permissions: ['inventory:read'] };
    await page.route('**/api/session', (route) =>
      route.fulfill({ json: { ...session, principal, signedIn: true } }),
    );
    await open('/tools');
    await page.getByLabel('Account: sam').click();
    const menu = page.locator('details.account .sheet');
    await menu.getByText('Signed in').waitFor();
    expect(await menu.locator('a, button').count()).to.equal(0);

    await page.unroute('**/api/session');
    await page.route('**/api/session', (route) => route.fulfill({ json: session }));
    await open('/tools');
    await page.getByLabel('Account: Sign in').click();
    await menu.getByRole('link', { name: 'Sign in' }).click();
    await page.getByText('Sign in to the application that this platform is part of.').waitFor();
    expect(await page.getByRole('link', { name: 'Open the application' }).getAttribute('href')).to.equal('/');
  });

  it('answers a foreign page that rides on the session with 403', async () => {
    await open('/sign-in');
    await page.getByRole('button', { name: 'Developer' }).click();
    await heading('Tools').waitFor();
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const xsrf = (await context.cookies()).find(({ name }) => name === 'XSRF-TOKEN')?.value ?? '';
    const create = async (headers: Record<string, string>): Promise<number> => {
      const response = await fetch(`${lab.platformUrl}/api/tools`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Cookie: cookie, ...headers },
        body: JSON.stringify({ toolId: 'ridden', name: 'Ridden' }),
      });
      return response.status;
    };
    expect(await create({})).to.equal(403);
    expect(await create({ 'X-XSRF-TOKEN': 'guessed' })).to.equal(403);
    expect(await create({ 'X-XSRF-TOKEN': xsrf, Origin: 'https://evil.example' })).to.equal(403);
    expect(await create({ 'X-XSRF-TOKEN': xsrf, Origin: lab.platformUrl })).to.equal(201);
    await fetch(`${lab.platformUrl}/api/tools/ridden`, { method: 'DELETE' });
  });

  it('opens tools from the keyboard, and lists none that the reader may not open', async () => {
    await signIn('inventory:read');
    await heading('Tools').waitFor();
    await page.keyboard.press('Control+k');
    const found = page.getByRole('dialog').getByRole('option');
    await found.filter({ hasText: 'Inventory Tracker' }).waitFor();
    expect((await found.allInnerTexts()).join())
      .to.contain('Form Builder')
      .and.not.contain('Secret Desk');
    expect(await problemsOfLook(page, 'tool-switcher')).to.deep.equal([]);
    await page.keyboard.type('secret');
    await page.getByText('No tool that you may open matches.').waitFor();
    await page.getByRole('combobox', { name: 'Name of the tool' }).fill('track');
    await page.getByText('One tool that you may open').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tools/inventory-tracker');
    await heading('Inventory').waitFor();
    await page.keyboard.press('Control+k');
    await found.first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('can be used with the keyboard alone, and tells a screen reader where it is', async () => {
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent.trim()');
    await open('/tools');
    await page.getByText('Inventory Tracker').waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).to.equal('main');
    expect(new URL(page.url()).pathname).to.equal('/tools');
    await page.keyboard.press('Tab'); // New Tool
    await page.keyboard.press('Tab');
    await page.keyboard.type('inventory');
    await page.getByText('1 tool found').waitFor();
    for (let i = 0; i < 4; i++) await page.keyboard.press('Tab');
    expect(await focused()).to.equal('Inventory Tracker');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tools/inventory-tracker');
    await page
      .locator('[aria-live="polite"]', { hasText: 'Inventory Tracker' })
      .waitFor({ state: 'attached' });
    expect(await page.title()).to.equal('Inventory Tracker · Tool Platform');
    expect(
      await page.evaluate('document.activeElement.id'),
      'the keyboard goes on from the new page',
    ).to.equal('main');
  });

  it(`stays small with ${String(MANY)} tools: answers, page, and requests while one types`, async () => {
    await addTools(await lab.databaseUrl(), MANY);
    await signIn('inventory:read bulk:read');
    const answers: { url: string; bytes: number }[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/api/tools?'))
        void response.body().then(
          (body) => answers.push({ url: response.url(), bytes: body.length }),
          () => undefined,
        );
    });
    await open('/tools');
    await page.getByText(/10,00\d tools/).waitFor();
    const elements = (): Promise<number> => page.evaluate('document.querySelectorAll("*").length');
    const atFirst = await elements();
    for (let number = 2; number <= 6; number++) {
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText(new RegExp(`Page ${String(number)} of 4\\d\\d`)).waitFor();
    }
    await page.getByText('Bulk 00120', { exact: true }).waitFor();
    expect(await names()).to.have.length(PAGE_SIZE);
    expect(await elements(), 'elements after five pages').to.be.below(atFirst * 1.3);
    await page.reload();
    await page.getByText('Bulk 00120', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByText('Bulk 00096', { exact: true }).waitFor();

    answers.length = 0;
    await search().pressSequentially('bulk 07654', { delay: 15 });
    await page.getByText('1 tool found').waitFor();
    expect(await names()).to.deep.equal(['Bulk 07654']);
    expect(answers.filter(({ url }) => url.includes('q=')).length, 'searches for ten letters').to.be.below(5);
    for (const { url, bytes } of answers) expect(bytes, url).to.be.below(40_000);
    expect(atFirst, 'elements on the page').to.be.below(1500);

    await page.keyboard.press('Control+k');
    await page.getByText('The first 12 tools. Type to narrow the list.').waitFor();
    expect(await page.getByRole('dialog').getByRole('option').count()).to.equal(12);
    await page.getByRole('combobox', { name: 'Name of the tool' }).fill('bulk 0999');
    await page.getByText('10 tools that you may open').waitFor();
    await keepPicture(page, 'tool-switcher-many');
  });
});

/** Inserts rows directly: through the API it would take minutes, and no test reads their history. */
async function addTools(url: string, count: number): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query('BEGIN');
    await db.query('SET LOCAL session_replication_role = replica'); // no triggers
    await db.query(
      `INSERT INTO tool_registry (tool_id, name, description, version, route, api_base, permissions)
       SELECT 'bulk-' || n, 'Bulk ' || n, 'One of very many tools.', '1.0.0', '/tools/bulk-' || n,
              '/api/tools/bulk-' || n, ARRAY['bulk:read']
         FROM (SELECT lpad(i::text, 5, '0') AS n FROM generate_series(0, $1::int - 1) i) numbered`,
      [count],
    );
    await db.query(
      `INSERT INTO tool_words VALUES ('bulk'), ('very'), ('many'), ('tools') ON CONFLICT DO NOTHING`,
    );
    await db.query(
      `INSERT INTO tool_registry_counts (owner, status, is_exported, tools) VALUES ('', 'alpha', false, $1)`,
      [count],
    );
    await db.query('COMMIT');
    await db.query('ANALYZE tool_registry');
    // what the triggers would have said: a total that is kept in memory is counted anew
    await db.query(`SELECT pg_notify('tool_changed', 'bulk-00000')`);
  } finally {
    await db.end();
  }
}
