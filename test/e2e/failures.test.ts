import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { takeFingerprint } from '../support/fingerprint.ts';
import { gatesIn, openLab, type Lab, type Report } from '../support/lab.ts';

/** Answers health checks through the gateway before the service does; over its own port, the service is healthy. */
const POORLY = `server.prependListener('request', (request, response) => {
  if ('x-forwarded-host' in request.headers && request.url?.endsWith('/health')) response.writeHead(503).end('poorly');
});
`;

/** Ends the service before it listens. */
const DEAD = `if (config.port > 0) process.exit(7);
`;

/** Every failure is real: caused by a broken template override, or by the database itself. */
describe('an export that fails in', function () {
  this.timeout(600_000);
  let lab: Lab;
  before(async () => {
    lab = await openLab({ env: { PLATFORM_HEALTH_TIMEOUT: '5' } });
  });
  after(() => lab.close());

  /** Overrides a template in `templates.local/`, commits, and removes the override afterwards. */
  async function withTemplate(
    file: string,
    change: (text: string) => string,
    work: () => Promise<void>,
  ): Promise<void> {
    const target = path.join(lab.root, 'templates.local', file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, change(await readFile(path.join(lab.root, 'templates', file), 'utf8')));
    await lab.commit('Break a template');
    try {
      await work();
    } finally {
      await lab.run('git', 'reset', '--quiet', '--hard', 'HEAD~1');
    }
  }

  /** Returns the outcomes of the gates. */
  async function failsIn(title: string, ...more: readonly string[]): Promise<ReturnType<typeof gatesIn>> {
    const before = await takeFingerprint(lab);
    const flags = ['--runtime=local', '--tool-id=inventory-tracker', '--silent', '--json', ...more];
    const result = await lab.gulp('export', ...flags);
    expect(result.code, result.stdout + result.stderr).to.equal(4);
    expect(result.stderr).to.contain(`Export failed: ${title}`);
    expect(result.stderr).to.contain('Rollback completed successfully');
    expect(result.stderr).to.contain('then export again: npx gulp export --tool-id=inventory-tracker');
    expect(await takeFingerprint(lab)).to.deep.equal(before);
    const served = await fetch(`${lab.gatewayUrl}/api/inventory-tracker/items`);
    expect(served.status).to.equal(200);
    const { data } = (await (
      await fetch(`${lab.platformUrl}/api/tools/export/jobs?toolId=inventory-tracker&limit=1`)
    ).json()) as {
      data: { status: string; outcome: string }[];
    };
    expect(data[0]).to.include({ status: 'rolled_back', outcome: 'failed' });
    return gatesIn(JSON.parse(result.stdout) as Report);
  }

  it('rolls back completely when the service does not compile in step 2', () =>
    withTemplate(
      'service/src/server.ts.ejs',
      (text) => `${text}\nexport const broken: number = 'text';\n`,
      async () => {
        const { outcomes, details } = await failsIn('Generate Backend Service');
        expect(outcomes).to.include({ compilation: 'failed', lint: 'passed', 'web-build': 'not-run' });
        expect(details['compilation']).to.contain('src/server.ts');
        expect(details['web-build']).to.contain('Generate Backend Service failed');
      },
    ));

  it('rolls back completely when the web app does not build in step 3', () =>
    withTemplate(
      'web/src/main.ts',
      (text) => `${text}\nexport const broken: number = 'text';\n`,
      async () => {
        const { outcomes } = await failsIn('Generate Frontend App');
        expect(outcomes).to.include({
          compilation: 'passed',
          'web-build': 'failed',
          verification: 'not-run',
        });
      },
    ));

  it('rolls back completely when a table stays locked against the fence in step 4', async () => {
    const holder = new pg.Client({ connectionString: await lab.databaseUrl() });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE inventory_items IN ROW EXCLUSIVE MODE');
    await failsIn('Migrate Database', '--cutover=fenced');
    await holder.query('ROLLBACK');
    await holder.end();
  });

  it('rolls back completely when the service does not start in step 5', () =>
    withTemplate(
      'service/src/server.ts.ejs',
      (text) => text.replace('const lifecycle', `${DEAD}const lifecycle`),
      async () => {
        const { outcomes, details } = await failsIn('Update Infrastructure');
        expect(outcomes).to.include({
          'web-build': 'passed',
          verification: 'not-run', // a live cut-over compares rows after the switch
          'service-ready': 'not-run',
        });
        expect(details['web-build']).to.contain('kept from an earlier build');
      },
    ));

  it('rolls back completely when the service is unhealthy through the gateway in step 6', () =>
    withTemplate(
      'service/src/server.ts.ejs',
      (text) => text.replace('for (const signal of', `${POORLY}for (const signal of`),
      async () => {
        const { outcomes } = await failsIn('Run Health Checks');
        expect(outcomes).to.include({
          'service-ready': 'passed',
          'service-health': 'passed',
          'gateway-route': 'failed',
          'web-app-served': 'not-run',
        });
      },
    ));
});
