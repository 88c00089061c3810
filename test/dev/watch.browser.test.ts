import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { freePort, openLab, type Lab } from '../support/lab.ts';

const APPEARS = { timeout: 120_000 };

describe('npm run dev, in a new tool and in a browser', function () {
  this.timeout(600_000);
  let lab: Lab;
  let dev: ChildProcess | undefined;
  let output = '';
  let browser: Browser | undefined;
  let page: Page;
  let webUrl: string;
  const said: string[] = [];

  const tool = (file: string): string => path.join(lab.root, 'tools/note-board', file);
  const change = (file: string, from: string | RegExp, to: string): (() => void) => {
    const text = readFileSync(tool(file), 'utf8');
    const changed = text.replace(from, to);
    expect(changed, `${file} holds ${String(from)}`).to.not.equal(text);
    writeFileSync(tool(file), changed);
    return () => writeFileSync(tool(file), text);
  };
  /** Asks until the answer is as it should be; gives how long that took. */
  const answers = async (at: string, wanted: (body: string, status: number) => boolean): Promise<void> => {
    const end = Date.now() + 60_000;
    let last = '';
    while (Date.now() < end) {
      const response = await fetch(`${lab.platformUrl}/api/tools/note-board${at}`).catch(() => null);
      last = (await response?.text()) ?? 'no answer';
      if (response !== null && wanted(last, response.status)) return;
      await sleep(20);
    }
    throw new Error(`${at} still answers ${last}\n${output.slice(-4000)}`);
  };
  const took = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const started = performance.now();
    await work();
    if (process.env['SHOW_TIMES'] === '1')
      console.log(`      ${what}: ${Math.round(performance.now() - started)} ms`);
  };
  const heading = async (name: string): Promise<void> => {
    try {
      await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor(APPEARS);
    } catch (cause) {
      const shown = await page.locator('body').innerText();
      const why = `no heading ${name} in:\n${shown}\n--- browser\n${said.join('\n')}\n--- npm run dev\n${output.slice(-6000)}`;
      throw new Error(why, { cause });
    }
  };

  before(async () => {
    const webPort = await freePort();
    lab = await openLab({
      start: false,
      env: { WEB_PORT: String(webPort), PLATFORM_WEB: 'auto', LOG_LEVEL: 'info' },
    });
    webUrl = `http://localhost:${webPort}`;
    const made = await lab.run(
      'node',
      'generators/bin/create-tool.ts',
      'note-board',
      '--yes',
      '--no-register',
      '--resource=note:title:string',
      '--resource=tag:label:string',
    );
    expect(made.code, made.stderr).to.equal(0);
    // As the generator's last words say: npm finds the repository's package.json from inside the tool
    dev = spawn('npm', ['run', 'dev'], {
      cwd: tool('.'),
      env: lab.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [dev.stdout, dev.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    await answers('/notes', (_body, status) => status === 200);
    browser = await openBrowser();
    page = await browser.newPage();
    page.on('console', (message) => said.push(message.text()));
    page.on('response', (r) => r.status() >= 400 && said.push(`${r.status()} ${r.url()}`));
    const end = Date.now() + 120_000;
    const isUp = (): Promise<boolean> =>
      fetch(webUrl)
        .then((response) => response.ok)
        .catch(() => false);
    while (Date.now() < end && !(await isUp())) await sleep(100);
    await page.goto(`${webUrl}/tools/note-board`);
    await heading('Notes');
  });
  after(async () => {
    await browser?.close();
    if (dev?.pid !== undefined && dev.exitCode === null) {
      const ended = once(dev, 'exit');
      process.kill(-dev.pid, 'SIGTERM'); // npm and what it has started
      await ended;
    }
    await lab.close();
  });

  it('opens the page of the tool that watch mode was started in, with rows of the platform', async () => {
    expect(output).to.contain(`Dashboard on ${webUrl}/tools/note-board`);
    await page.getByText('Title 1', { exact: true }).first().waitFor(APPEARS);
  });

  it('serves a saved backend file at once', () =>
    took('backend', async () => {
      change(
        'backend/index.ts',
        'return router;',
        `router.get('/hello', (_req, res) => void res.json('one'));\n  return router;`,
      );
      await answers('/hello', (body) => body === '"one"');
    }));

  it('shows a saved template and a saved component without a manual reload', async () => {
    await took('template', async () => {
      change('frontend/components/note-list.component.html', '<h1>Notes</h1>', '<h1>My notes</h1>');
      await heading('My notes');
    });
    await took('component', async () => {
      change('frontend/components/tool-sections.component.ts', `title: 'Notes'`, `title: 'All notes'`);
      await page.getByText('All notes', { exact: true }).first().waitFor(APPEARS);
    });
  });

  it('applies a new migration', () =>
    took('migration', async () => {
      writeFileSync(
        tool('database/migrations/002-words.sql'),
        'CREATE TABLE note_board_words (word text);\n',
      );
      writeFileSync(tool('database/migrations/002-words.down.sql'), 'DROP TABLE note_board_words;\n');
      const client = new pg.Client({ connectionString: await lab.databaseUrl() });
      await client.connect();
      try {
        for (let there = false; !there;) {
          const { rows } = await client.query<{ there: boolean }>(
            `SELECT to_regclass('note_board_words') IS NOT NULL AS there`,
          );
          there = rows[0]?.there === true;
          if (!there) await sleep(20);
        }
      } finally {
        await client.end();
      }
    }));

  it('shows the place of a backend error in the terminal and on the page, and recovers', async () => {
    const repair = change('backend/services/note.service.ts', 'export class', 'export clas');
    await took('backend, broken', () =>
      answers('/notes', (body, status) => status === 503 && body.includes('note.service.ts:')),
    );
    expect(output).to.match(/tools\/note-board\/backend\/services\/note\.service\.ts:\d+/);
    await page.goto(`${webUrl}/tools/note-board`);
    await page
      .getByText(/note\.service\.ts:\d+/)
      .first()
      .waitFor(APPEARS);
    repair();
    await took('backend, repaired', () => answers('/notes', (_body, status) => status === 200));
    await page.goto(`${webUrl}/tools/note-board`);
    await page.getByText('Title 1', { exact: true }).first().waitFor(APPEARS);
  });

  it("shows a component's compile error on the page, and recovers with the next save", async () => {
    const repair = change(
      'frontend/components/note-list.component.html',
      '<h1>My notes</h1>',
      '<h1>{{ nope() }}</h1>',
    );
    await took('component, broken', () =>
      page
        .locator('vite-error-overlay')
        .getByText(/note-list\.component\.html/)
        .first()
        .waitFor(APPEARS),
    );
    repair();
    await took('component, repaired', async () => {
      await page.locator('vite-error-overlay').waitFor({ state: 'detached', ...APPEARS });
      await heading('My notes');
    });
  });
});
