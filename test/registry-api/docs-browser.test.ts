import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { newReader, openBrowser, pageErrors } from '../support/browser.ts';
import { startTestRegistry, type TestRegistry } from './support/registry.ts';

describe('API browser', function () {
  let registry: TestRegistry;
  let browser: Browser;
  before(async () => {
    [registry, browser] = await Promise.all([startTestRegistry(), openBrowser()]);
  });
  after(async () => {
    await browser.close();
    await registry.close();
  });

  it('shows every operation and runs one, loading nothing from another server', async () => {
    const page = await (await newReader(browser)).newPage();
    const errors = pageErrors(page);
    const strangers: string[] = [];
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(registry.url))
        strangers.push(request.url());
    });
    await page.goto(`${registry.url}/api/registry/docs`);
    await page.getByRole('heading', { name: /Generator Platform: registry/ }).waitFor();
    const { paths } = (await registry.call('GET', '/openapi.json')).body as { paths: Record<string, object> };
    const described = Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
    expect(await page.locator('.opblock').count()).to.equal(described);

    const listTools = page.locator('#operations-Tools-listTools');
    await listTools.getByRole('button').first().click();
    await listTools.getByRole('button', { name: 'Try it out' }).click();
    await listTools.getByRole('button', { name: 'Execute' }).click();
    await listTools.locator('.live-responses-table').getByText('nextCursor').first().waitFor();
    expect(strangers).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
  });
});
