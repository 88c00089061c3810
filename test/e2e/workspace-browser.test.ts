import { appendFile, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { openBrowser, newReader, pageErrors } from '../support/browser.ts';
import { openOutside, type Outside } from '../support/workspace.ts';

const CRM = ['crm', '--resource=contact:name:string,age:integer', '--yes'];

describe('a workspace made with the published package', function () {
  this.timeout(900_000);
  let outside: Outside;
  let browser: Browser;
  before(async () => {
    outside = await openOutside();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await outside.close();
  });

  const workspaceFile = (file: string): string => path.join(outside.workspace, file);
  const commit = async (message: string): Promise<void> => {
    await outside.run('git', ['add', '--all']);
    await outside.run('git', [
      '-c',
      'user.name=Ann',
      '-c',
      'user.email=ann@acme.example',
      'commit',
      '-qm',
      message,
    ]);
  };
  const json = async (url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(url, init);
    return { status: response.status, body: await response.json() };
  };

  it('is made and installed by one command, with at most 40 files', async () => {
    const { tarball } = outside.packed;
    const spec = `file:${tarball}`;
    const args = [
      '--yes',
      `--package=${spec}`,
      '--',
      'generator-platform',
      'app',
      'acme',
      '--name=Acme Tools',
    ];
    const options = { cwd: outside.folder, asRoot: true };
    const output = await outside.run('npx', [...args, '--yes', `--package=${spec}`], options);
    expect(output).to.contain('npm start');
    const files = (await readdir(outside.workspace, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !entry.parentPath.includes('node_modules'),
    );
    expect(files.length).to.be.within(10, 41); // with the lock file
    await outside.handOver();
    await outside.run('git', ['init', '--quiet']);
    await commit('Start the workspace');
  });

  it('starts with npm start, and serves a tool that create-tool has made', async () => {
    expect(await outside.start()).to.contain('Ready.');
    const output = await outside.run('npx', ['create-tool', ...CRM]);
    expect(output).to.contain('Tool registered with ID: crm');
    const contacts = `${outside.platformUrl}/api/tools/crm/contacts`;
    const created = await json(contacts, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ann', age: 30 }),
    });
    expect(created.status).to.equal(201);
    expect(created.body).to.include({ name: 'Ann', age: 30 });
  });

  it('scaffolds with yo and adds with plop', async () => {
    await outside.run('npx', ['yo', 'platform:tool', 'deals', '--resource=deal:title:string', '--yes']);
    await outside.run('npx', ['plop', 'controller', 'crm', 'notes']);
    await commit('Add two tools');
  });

  it('shows its own title in the dashboard, the tool in its grid, and opens the tool', async () => {
    await untilBuilt(outside.platformUrl, ['crm', 'deals']);
    const page = await (await newReader(browser)).newPage();
    const errors = pageErrors(page);
    await page.goto(`${outside.platformUrl}/tools`);
    await page.getByRole('link', { name: 'Acme Tools, all tools' }).waitFor();
    const crm = page.getByRole('link', { name: 'Crm', exact: true });
    await crm.waitFor(); // the header is there before the router has set the title
    expect(await page.title()).to.equal('Tools · Acme Tools');
    await crm.click();
    await page.getByText('Ann', { exact: true }).waitFor();
    expect(new URL(page.url()).pathname).to.match(/^\/tools\/crm/);
    expect(errors).to.deep.equal([]);
    await page.context().close();
  });

  it('checks and tests what it holds', async () => {
    await outside.run('npm', ['run', 'check']);
    await outside.run('npm', ['run', 'templates:check']);
    expect(await outside.run('npm', ['test'])).to.match(/\b0 failed|passing/);
    await outside.run('npx', ['gulp', 'scaffold:update', '--check']);
    expect(await outside.run('git', ['status', '--porcelain'])).to.equal('');
  });

  it('exports a tool, answers behind the gateway, and rolls it back to a clean tree', async () => {
    await outside.run('npx', ['gulp', 'export', '--tool-id=crm', '--runtime=local']);
    const behind = await json(`${outside.gatewayUrl}/api/crm/contacts`);
    expect(behind.status).to.equal(200);
    expect(JSON.stringify(behind.body)).to.contain('"Ann"');
    const health = await json(`${outside.gatewayUrl}/api/crm/health`).catch(() => null);
    expect(health?.status).to.not.equal(502);
    const changed = await outside.run('git', ['status', '--porcelain']);
    expect(changed).to.contain('?? apps/').and.contain('docker-compose.poc.yml');
    await outside.run('npx', ['gulp', 'rollback', '--tool-id=crm']);
    expect(await outside.run('git', ['status', '--porcelain'])).to.equal('');
    const home = await json(`${outside.platformUrl}/api/tools/crm/contacts`);
    expect(JSON.stringify(home.body)).to.contain('"Ann"');
  });

  it('upgrades: templates are merged into edited files, and the database is migrated at the next start', async () => {
    await outside.stop();
    const controller = workspaceFile('tools/crm/backend/controllers/contact.controller.ts');
    await appendFile(controller, '// Ours\n');
    await commit('Edit a generated file');
    const next = await packNext(outside);
    await outside.run('npm', ['install', `generator-platform@file:${next}`], { asRoot: true });
    await outside.handOver();
    const check = await outside.run('npx', ['gulp', 'scaffold:update', '--check'], { code: 2 });
    expect(check).to.contain('tools/crm is outdated');
    await outside.run('npx', ['gulp', 'scaffold:update']);
    const merged = await readFile(controller, 'utf8');
    expect(merged)
      .to.match(/^\/\/ Of the next version/)
      .and.match(/\/\/ Ours\n$/);
    await outside.start();
    const { body } = await json(`${outside.platformUrl}/api/tools/crm/contacts`);
    expect(JSON.stringify(body)).to.contain('"Ann"');
    await outside.stop();
  });

  it('refuses to start the older platform on a database that the newer one has migrated', async () => {
    const spec = `generator-platform@file:${outside.packed.tarball}`;
    await outside.run('npm', ['install', spec], { asRoot: true });
    await outside.handOver();
    const refused = await outside.start().catch((error: unknown) => String(error));
    expect(refused).to.contain('9999_of_the_next_version.sql').and.contain('a newer version migrated');
  });
});

/** The package of the next version: a changed template and a migration more. */
async function packNext(outside: Outside): Promise<string> {
  const { packed, folder } = outside;
  const next = path.join(folder, 'next');
  await cp(packed.folder, next, { recursive: true });
  const manifest = JSON.parse(await packed.read('package.json')) as Record<string, unknown>;
  await writeFile(path.join(next, 'package.json'), JSON.stringify({ ...manifest, version: '99.0.0' }));
  const template = path.join(next, 'templates/tool/backend/controllers/resource.controller.ts.ejs');
  await writeFile(template, `// Of the next version\n${await readFile(template, 'utf8')}`);
  const migration = path.join(next, 'migrations/9999_of_the_next_version.sql');
  await writeFile(migration, 'CREATE TABLE of_the_next_version (id int);\n');
  await outside.run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: next, asRoot: true });
  return path.join(folder, 'generator-platform-99.0.0.tgz');
}

async function untilBuilt(url: string, tools: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const build = (await fetch(`${url}/web-build.json`).then((r) => r.json())) as {
      building: boolean;
      tools: string[];
      error: string | null;
    };
    expect(build.error).to.equal(null);
    if (!build.building && tools.every((tool) => build.tools.includes(tool))) return;
    await delay(200);
  }
  throw new Error('the dashboard was not built');
}
