import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../../support/browser.ts';
import { freePort } from '../../../support/lab.ts';
import { planStep } from '../../../../exporter/core/step.ts';
import { frontendStep } from '../../../../exporter/steps/frontend/index.ts';
import { carryOut, factsOf, portsOf } from './ports.ts';
import { makeRepository, manifestOf, smallTool, type Repository } from './repository.ts';

const BASE = '/tools/field-notes';
const TOOL = smallTool({
  'tool.routes.ts': `import type { Routes } from '@angular/router';
import { NotesComponent } from './components/notes.component.ts';
export const toolRoutes: Routes = [
  { path: '', component: NotesComponent },
  { path: 'new/draft', loadComponent: () => import('./components/draft.component.ts').then((m) => m.DraftComponent) },
];
`,
  'components/draft.component.ts': `import { Component } from '@angular/core';
@Component({ selector: 'app-draft', template: '<h1>Draft</h1>', styles: 'h1 { color: rgb(1, 2, 3) }' })
export class DraftComponent {}
`,
  'components/notes.component.ts': `import { Component, inject } from '@angular/core';
import { HttpClient } from '@angular/common/http';
import { toSignal } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import { catchError, of } from 'rxjs';
import { TOOL_WEB_CONTEXT } from '#contracts/tool-web';
@Component({
  selector: 'app-notes',
  imports: [RouterLink],
  template: \`<h1>Notes</h1><p class="said">{{ said()?.text }}</p>
    <a routerLink="/tools/field-notes/new/draft">New</a> <a routerLink="/exports">Exports</a>\`,
})
export class NotesComponent {
  private readonly api = inject(TOOL_WEB_CONTEXT).apiBase;
  readonly said = toSignal(inject(HttpClient).get<{ text: string }>(\`\${this.api}/notes\`).pipe(catchError(() => of({ text: 'refused' }))));
}
`,
});

/** Responses of the fake service and platform, and the requests they received. */
interface Backdrop {
  /** Tokens that the session issues in order; the last one repeats. */
  tokens: (string | null)[];
  accepted: string | null;
  readonly seen: (string | undefined)[];
}

describe('an exported web app behind a real server', function () {
  this.timeout(600_000);
  let repository: Repository;
  let folder: string;
  let nginx: ChildProcess;
  let front: Server;
  let browser: Browser | undefined;
  let page: Page;
  let nginxPort: number;
  let origin: string;
  const backdrop: Backdrop = { tokens: [], accepted: null, seen: [] };
  const problems: string[] = [];

  before(async () => {
    repository = await makeRepository();
    await repository.write(TOOL);
    const manifest = manifestOf({});
    const facts = factsOf(manifest, await repository.facts(manifest));
    await carryOut(planStep(frontendStep, facts), portsOf(repository.root));
    folder = await mkdtemp(path.join(tmpdir(), 'web-served-'));
    const app = path.join(repository.root, 'apps/field-notes-web');
    await cp(path.join(app, 'dist/browser'), path.join(folder, 'srv', BASE), { recursive: true });
    nginxPort = await freePort();
    nginx = await startNginx(folder, facts.frontend.files['nginx.conf'] ?? '', nginxPort);
    front = createServer((request, response) => void answer(request, response));
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const address = front.address();
    origin = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    front.close();
    nginx.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    await repository.remove();
  });
  beforeEach(async () => {
    Object.assign(backdrop, { tokens: [null], accepted: null });
    backdrop.seen.length = 0;
    problems.length = 0;
    page = await browser!.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
    });
  });
  afterEach(() => page.close());

  /** Fake gateway: serves the web app from its server, everything else from the service and the platform. */
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    if (url.startsWith(BASE)) {
      const served = await fetch(`http://127.0.0.1:${String(nginxPort)}${url}`, { redirect: 'manual' });
      const { location } = Object.fromEntries(served.headers);
      response.writeHead(served.status, {
        'content-type': served.headers.get('content-type') ?? '',
        'content-security-policy': served.headers.get('content-security-policy') ?? '',
        ...(location === undefined ? {} : { location }),
      });
      response.end(Buffer.from(await served.arrayBuffer()));
    } else if (url === '/api/field-notes/notes') {
      backdrop.seen.push(request.headers.authorization);
      const good =
        backdrop.accepted === null || request.headers.authorization === `Bearer ${backdrop.accepted}`;
      json(response, good ? 200 : 401, { text: good ? 'from the service' : 'no' });
    } else if (url === '/api/session/token?tool=field-notes') {
      const token = backdrop.tokens.length > 1 ? backdrop.tokens.shift() : backdrop.tokens[0];
      if (typeof token === 'string') json(response, 200, { accessToken: token, expiresIn: 300 });
      else json(response, 401, {});
    } else {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<title>platform</title><h1>platform ${url}</h1>`);
    }
  }

  const heading = (): Promise<string> => page.locator('main h1').innerText();
  const said = (): Promise<string> => page.locator('.said:not(:empty)').innerText();

  it('opens and shows data of the service', async () => {
    await page.goto(`${origin}${BASE}`);
    expect(page.url()).to.equal(`${origin}${BASE}/`);
    expect(await heading()).to.equal('Notes');
    expect(await said()).to.equal('from the service');
    expect(await page.title()).to.equal('Field Notes');
    expect(problems).to.deep.equal([]);
  });

  it('opens a deep link, survives a refresh, and applies styles under the content security policy', async () => {
    await page.goto(`${origin}${BASE}/new/draft?from=mail`);
    expect(await heading()).to.equal('Draft');
    await page.reload();
    expect(await heading()).to.equal('Draft');
    const color = await page.evaluate(`getComputedStyle(document.querySelector('main h1')).color`);
    expect(color).to.equal('rgb(1, 2, 3)');
    expect(problems).to.deep.equal([]);
  });

  it("follows the tool's absolute links in the app, and other links to the platform", async () => {
    await page.goto(`${origin}${BASE}/`);
    await page.getByRole('link', { name: 'New' }).click();
    await page.waitForURL(`${origin}${BASE}/new/draft`);
    await page.goBack();
    await page.getByRole('link', { name: 'Exports' }).click();
    await page.waitForURL(`${origin}/exports`);
    expect(await page.locator('h1').innerText()).to.equal('platform /exports');
    await page.goto(`${origin}${BASE}/`);
    await page.getByRole('link', { name: 'Tools' }).click();
    await page.waitForURL(`${origin}/tools`);
  });

  it('shows a message when no page of the tool has the address', async () => {
    await page.goto(`${origin}${BASE}/nowhere/at/all`);
    expect(await heading()).to.equal('Nothing here');
  });

  it("uses the platform's session: keeps the token in memory, sends it only to its service, renews it once", async () => {
    Object.assign(backdrop, { tokens: ['stale', 'fresh'], accepted: 'fresh' });
    await page.goto(`${origin}${BASE}/`);
    expect(await said()).to.equal('from the service');
    expect(backdrop.seen).to.deep.equal(['Bearer stale', 'Bearer fresh']);
    const stored = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(stored).to.not.include('fresh').and.not.include('stale');
  });

  it('links to the sign-in, which returns to the app, when the session has ended', async () => {
    Object.assign(backdrop, { tokens: [null], accepted: 'other' });
    await page.goto(`${origin}${BASE}/?q=1`);
    const link = page.getByRole('alert').getByRole('link');
    expect(await link.getAttribute('href')).to.equal(`/auth/sign-in?to=${encodeURIComponent(`${BASE}?q=1`)}`);
  });

  it('reads its addresses from config.json at start', async () => {
    await mkdir(path.join(folder, 'override'), { recursive: true });
    await writeFile(
      path.join(folder, 'override/config.json'),
      '{ "platformUrl": "https://platform.example/" }',
    );
    await page.goto(`${origin}${BASE}/`);
    expect(await page.getByRole('link', { name: 'Tools' }).getAttribute('href')).to.equal(
      'https://platform.example/tools',
    );
    await rm(path.join(folder, 'override/config.json'));
  });

  it('answers 404 for a missing file, and allows caching of hashed files only', async () => {
    const get = (url: string): Promise<Response> => fetch(`http://127.0.0.1:${String(nginxPort)}${url}`);
    const index = await get(`${BASE}/any/page`);
    expect(index.headers.get('cache-control')).to.equal('no-cache');
    const script = /src="(main-[^"]+)"/.exec(await index.text())?.[1] ?? '';
    expect((await get(`${BASE}/${script}`)).headers.get('cache-control')).to.include('immutable');
    expect((await get(`${BASE}/main-AAAAAAAA.js`)).status).to.equal(404);
    expect((await get(`${BASE}/favicon.svg`)).headers.get('content-type')).to.equal('image/svg+xml');
    expect((await get('/etc/passwd')).status).to.equal(404);
    const bare = await fetch(`http://127.0.0.1:${String(nginxPort)}${BASE}?q=1`, { redirect: 'manual' });
    expect(bare.headers.get('location')).to.equal(`${BASE}/?q=1`);
    expect(await (await get('/livez')).text()).to.equal('ok\n');
  });
});

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** The container's configuration, with local folders instead of the container's. */
async function startNginx(folder: string, conf: string, port: number): Promise<ChildProcess> {
  const here = conf
    .replace('listen 8080;', `listen 127.0.0.1:${String(port)};`)
    .replace('root /srv/web;', `root ${folder}/srv;`)
    .replace('/run/web-config/', `${folder}/override/`)
    .replace('/dev/stdout', 'off')
    .replaceAll('/tmp/nginx', `${folder}/nginx`);
  const file = path.join(folder, 'nginx.conf');
  await writeFile(file, `${process.getuid?.() === 0 ? 'user root;\n' : ''}${here}`);
  const child = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`nginx: ${said}`);
    const up = await fetch(`http://127.0.0.1:${String(port)}/livez`).catch(() => null);
    if (up?.ok) return child;
    await delay(50);
  }
  throw new Error(`nginx does not answer: ${said}`);
}
