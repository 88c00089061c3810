import { expect } from 'chai';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { newReader, pageErrors, problemsOfLook } from '../../support/browser.ts';
import { dashboardLab, NEIGHBOURS, onlyTools, type DashboardLab } from '../../support/dashboard.ts';

const LIMIT_OF_SCRIPTS = 150 * 1024;
/** Page, script, session, page's own script, list: what must come one after another before anything can be done. */
const LONGEST_CHAIN = 6;
const MOST_REQUESTS = 30;

/** A request as the browser's own instruments see it. */
interface Request {
  readonly url: string;
  readonly type: string;
  /** How many had to be answered before this one could be sent, itself included. */
  readonly depth: number;
  bytes: number;
  encoding: string;
  cache: string;
}

describe('the pages of the dashboard', function () {
  let lab: DashboardLab['lab'];
  let browser: DashboardLab['browser'];
  let context: BrowserContext;
  let page: Page;
  let errors: readonly string[];

  before(async () => {
    ({ lab, browser } = await dashboardLab());
    await onlyTools(lab, NEIGHBOURS);
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

  it('shows a page after little script and few answers, which the browser keeps', async function () {
    const requests = await watch(await context.newCDPSession(page));
    await open('/tools');
    await page.locator('app-tool-card').first().waitFor();
    const sent = [...requests.values()];
    const scripts = sent.filter(({ type }) => type === 'Script');
    for (const { url, cache, bytes, encoding } of scripts) {
      expect(cache, url).to.contain('immutable');
      // a file of a few words is not worth packing
      if (bytes > 1024) expect(encoding, url).to.be.oneOf(['gzip', 'br']);
    }
    const total = scripts.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total, 'bytes of script').to.be.within(20_000, LIMIT_OF_SCRIPTS);
    expect(sent.length, sent.map(({ url }) => url).join('\n')).to.be.at.most(MOST_REQUESTS);
    expect(Math.max(...sent.map(({ depth }) => depth)), describeDepths(sent)).to.be.at.most(LONGEST_CHAIN);

    // Time depends on what else the machine does: it is told, and work is what is judged
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const fresh = await newReader(browser);
      const first = await fresh.newPage();
      await first.addInitScript(WHEN_READY);
      await first.goto(`${lab.platformUrl}/tools`);
      times.push(await first.evaluate<number>(READY));
      await fresh.close();
    }
    this.test!.title += ` (${String(Math.round(total / 1024))} kB of script in ${String(scripts.length)} files, ready after ${String(Math.round(Math.min(...times)))} ms)`;
  });

  it('asks again for what a changing network has dropped', async () => {
    const fresh = await newReader(browser);
    const dropped = new Set<string>();
    await fresh.route('**/api/**', (route) => {
      const url = route.request().url();
      if (dropped.has(url)) return route.continue();
      dropped.add(url);
      return route.abort('failed');
    });
    const reader = await fresh.newPage();
    await reader.goto(`${lab.platformUrl}/tools`);
    await reader.locator('app-tool-card').first().waitFor();
    await reader.getByLabel('Account: developer').waitFor();
    expect(dropped.size, [...dropped].join('\n')).to.be.greaterThan(1);
    await fresh.close();
  });

  for (const { path, name, heading } of [
    { path: '/tools', name: 'tools', heading: 'Tools' },
    { path: '/tools/inventory-tracker/about', name: 'about', heading: 'Inventory Tracker' },
    { path: '/tools/inventory-tracker/export', name: 'export-start', heading: 'Export inventory-tracker' },
    { path: '/exports?q=nobody', name: 'exports-nothing-found', heading: 'Exports' },
    { path: '/tools/no-such-tool', name: 'tool-unknown', heading: 'There is no tool called “no-such-tool”' },
    { path: '/tools/form-builder', name: 'tool-without-pages', heading: 'Form Builder has no pages here' },
    { path: '/no/such/page', name: 'page-unknown', heading: 'There is nothing at this address' },
    {
      path: '/exports/7b3f2a5e-0000-4000-8000-000000000000',
      name: 'export-unknown',
      heading: 'There is no such export',
    },
  ]) {
    it(`shows ${path} to every reader, light and dark, wide and narrow`, async () => {
      await open(path);
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      await page.locator('.s-skeleton').first().waitFor({ state: 'detached' });
      expect(await problemsOfLook(page, name)).to.deep.equal([]);
      expect(await page.title()).to.match(/ · Tool Platform$/);
      expect(await page.locator('h1').count()).to.equal(1);
    });
  }
});

/** Asked again and again without `eval`, which the page's content security policy forbids. */
const READY = `new Promise((done) => {
  const look = () => (globalThis.readyAt === undefined ? setTimeout(look, 5) : done(globalThis.readyAt));
  look();
})`;

/** Set by the page itself once a tool can be seen and the search takes letters. */
const WHEN_READY = `new MutationObserver((_all, observer) => {
  if (document.querySelector('app-tool-card h2') === null || document.querySelector('input[type=search]') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => (globalThis.readyAt = performance.now())));
}).observe(document, { childList: true, subtree: true });`;

async function watch(instruments: CDPSession): Promise<ReadonlyMap<string, Request>> {
  const byId = new Map<string, Request>();
  const depths = new Map<string, number>();
  instruments.on('Network.requestWillBeSent', ({ requestId, request, initiator, type }) => {
    const callers = [initiator.url, ...framesOf(initiator.stack)].filter((url) => url !== undefined);
    const depth = 1 + Math.max(0, ...callers.map((url) => depths.get(url) ?? 0));
    depths.set(request.url, depth);
    byId.set(requestId, {
      url: request.url,
      type: type ?? 'Other',
      depth,
      bytes: 0,
      encoding: '',
      cache: '',
    });
  });
  instruments.on('Network.responseReceived', ({ requestId, response }) => {
    const headers = new Headers(response.headers);
    Object.assign(byId.get(requestId) ?? {}, {
      encoding: headers.get('content-encoding') ?? '',
      cache: headers.get('cache-control') ?? '',
      bytes: Number(headers.get('content-length')),
    });
  });
  await instruments.send('Network.enable');
  return byId;
}

interface Stack {
  readonly callFrames: readonly { readonly url: string }[];
  readonly parent?: Stack;
}

const framesOf = (stack: Stack | undefined): readonly string[] =>
  stack === undefined ? [] : [...stack.callFrames.map(({ url }) => url), ...framesOf(stack.parent)];

const describeDepths = (sent: readonly Request[]): string =>
  sent.map(({ depth, url }) => `${String(depth)} ${url}`).join('\n');
