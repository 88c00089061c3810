import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import pino from 'pino';
import { freePort } from '../../../../monolith/server/platform/listen.ts';
import { startMissingServices } from '../../../../monolith/server/platform/supervisor.ts';

const SERVICE = `
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
createServer((_req, res) => res.end('ok')).listen(Number(process.env.PORT), '127.0.0.1', () =>
  writeFileSync('pid', JSON.stringify({ pid: process.pid, leaked: process.env.PLATFORM_TEST_LEAK ?? null })));
setTimeout(() => process.exit(0), 20_000);
`;

describe('supervisor', () => {
  let root: string;
  let port: number;
  const start = (exported: readonly string[]) =>
    startMissingServices({
      root,
      run: path.join(root, 'run'),
      logger: pino({ level: 'silent' }),
      routes: {
        get: (toolId) =>
          exported.includes(toolId) ? { toolId, serviceUrl: '', instances: [], webRoot: '' } : undefined,
        close: () => undefined,
      },
    });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      (r) => r.text(),
      () => null,
    );

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'generator-platform-supervisor-'));
    port = await freePort({ host: '127.0.0.1', port: 0, fixed: false, what: '', variable: '' });
    await mkdir(path.join(root, 'run'));
    await mkdir(path.join(root, 'apps/crm-api'), { recursive: true });
    await writeFile(path.join(root, 'apps/crm-api/server.cjs'), SERVICE);
    const run = {
      args: [path.join(root, 'apps/crm-api/server.cjs')],
      cwd: 'apps/crm-api',
      env: { PORT: String(port) },
      logFile: 'logs/crm-api.log',
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    };
    await writeFile(path.join(root, 'run/crm-api.json'), JSON.stringify(run));
    await writeFile(path.join(root, 'run/broken-api.json'), '{');
  });
  afterEach(async () => {
    const pid = await readFile(path.join(root, 'apps/crm-api/pid'), 'utf8').catch(() => null);
    if (pid !== null) process.kill((JSON.parse(pid) as { pid: number }).pid);
    await rm(root, { recursive: true, force: true });
  });

  it('restarts the service of an exported tool once, with only its own environment', async () => {
    process.env['PLATFORM_TEST_LEAK'] = 'secret';
    expect(await start(['crm', 'broken'])).to.deep.equal(['crm']);
    while ((await answers()) === null) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await start(['crm'])).to.deep.equal([]);
    const { leaked } = JSON.parse(await readFile(path.join(root, 'apps/crm-api/pid'), 'utf8')) as {
      leaked: unknown;
    };
    expect(leaked).to.equal(null);
  });

  it('does not start a service without a route, which an interrupted export left', async () => {
    expect(await start([])).to.deep.equal([]);
    expect(await answers()).to.equal(null);
  });
});
