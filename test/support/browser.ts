import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { findWorkspace } from '../../templating/roots.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * The machine's own Chromium, without a window.
 * @throws Error that says how to get one.
 */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    // Chromium refuses its sandbox to root, and small containers have a small /dev/shm
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  });
}

function chromiumPath(): string {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of NAMES) {
      const file = path.join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  throw new Error('These tests drive a browser: apt-get install chromium');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A reader of their own: no cookies, light colours, nothing that moves. */
export const newReader = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ viewport: WIDE, colorScheme: 'light', reducedMotion: 'reduce' });

/** Errors that a page throws, as they come. A page of ours throws none. */
export function pageErrors(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // an answer of 404 or 409 is logged by the browser and shown by the page
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  return errors;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page that is at least serious, one line a finding: rule, element, reason. */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(`void (globalThis.axe ?? (() => { ${AXE} })())`);
  const options: RunOptions = {
    resultTypes: ['violations'],
    ...(rules === undefined ? {} : { runOnly: { type: 'rule', values: [...rules] } }),
  };
  const results = await page.evaluate(async (given) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run(given);
  }, options);
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`));
}

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

/**
 * Looks at the page as it stands, light and dark, wide and on a phone, without loading it again: what axe finds, and
 * what sticks out at 360 pixels. A picture of each is kept.
 */
export async function problemsOfLook(page: Page, name: string): Promise<readonly string[]> {
  const problems: string[] = [];
  const note = (found: readonly string[], where: string): void => {
    problems.push(...found.map((problem) => `${name}, ${where}: ${problem}`));
  };
  note(await axeViolations(page), 'light');
  await keepPicture(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  await nextFrame(page);
  note(await axeViolations(page, ['color-contrast']), 'dark');
  await keepPicture(page, `${name}-dark`);
  await page.setViewportSize(PHONE);
  await nextFrame(page);
  note(await axeViolations(page), 'dark, narrow');
  await keepPicture(page, `${name}-dark-narrow`);
  await page.emulateMedia({ colorScheme: 'light' });
  const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  if (over > 0) note([`${over} pixels stick out`], 'narrow');
  await keepPicture(page, `${name}-narrow`);
  await page.setViewportSize(WIDE);
  return problems;
}

/** What has been changed is drawn. */
const nextFrame = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');

/** Pictures of a run that the documentation shows. */
const IN_DOCS: Readonly<Record<string, string>> = {
  'tools-exported': 'tools',
  'tools-exported-dark': 'tools-dark',
  'job-completed': 'export',
  'job-completed-dark': 'export-dark',
  'about-exported': 'about',
  'new-tool': 'new-tool',
};

/**
 * Keeps a picture of the page under `.platform/screenshots/`, for people to look at after the run. With
 * `DOCS_IMAGES=1` the documentation's pictures are renewed, too.
 */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const root = findWorkspace(process.cwd());
  const folder = path.join(root, '.platform', 'screenshots');
  await mkdir(folder, { recursive: true });
  const picture = await page.screenshot({ path: path.join(folder, `${name}.png`) });
  const inDocs = IN_DOCS[name];
  if (inDocs === undefined || process.env['DOCS_IMAGES'] !== '1') return;
  await writeFile(path.join(root, 'docs', 'images', `${inDocs}.png`), picture);
}
