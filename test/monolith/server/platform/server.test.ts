import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { createDatabase } from '../../../support/postgres.ts';
import { call, makeRepository, type TestRepository } from '../repository.ts';

const SERVER = path.resolve(import.meta.dirname, '../../../../monolith/server/platform/server.ts');

describe('the server process', () => {
  let repository: TestRepository;
  let databaseUrl: string;
  const children: ChildProcess[] = [];

  const run = (env: Record<string, string>) => {
    const child = spawn(process.execPath, [SERVER], {
      cwd: repository.root,
      env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, PLATFORM_GATEWAY: 'facade', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return {
      child,
      output: () => output,
      ended: once(child, 'exit') as Promise<[number | null]>,
      async ready() {
        while (!output.includes('Ready.')) {
          if (child.exitCode !== null) throw new Error(output);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    };
  };
  const runFile = async () =>
    JSON.parse(await readFile(path.join(repository.root, '.platform/run/platform.json'), 'utf8')) as Record<
      string,
      number
    >;

  before(async () => {
    repository = await makeRepository();
    databaseUrl = await createDatabase();
    await repository.writeTool(
      'bomb',
      {},
      {
        'backend/index.ts': `import { Router } from 'express';
          export default () => Router().get('/fuse', (_req, res) => {
            setTimeout(() => { throw new Error('boom'); }, 10);
            res.json('lit');
          });`,
      },
    );
  });
  after(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await repository.remove();
  });

  it('refuses a used port and a second platform with exit code 3, survives a tool that throws outside a request, and stops cleanly', async () => {
    const first = run({ PLATFORM_PORT: '0', GATEWAY_PORT: '0' });
    await first.ready();
    const { port, gatewayPort, pid } = await runFile();
    expect(pid).to.equal(first.child.pid);

    const taken = run({
      PLATFORM_PORT: String(port),
      GATEWAY_PORT: '0',
      PLATFORM_STATE_DIR: path.join(repository.root, 'other-state'),
    });
    expect((await taken.ended)[0]).to.equal(3);
    expect(taken.output()).to.include(`Port ${port} for the platform is taken`).and.not.include('    at ');

    const second = run({});
    expect((await second.ended)[0]).to.equal(3);
    expect(second.output()).to.include(`is already running at http://localhost:${port}`);

    const fuse = `http://127.0.0.1:${gatewayPort}/api/bomb/fuse`;
    expect((await call(fuse)).body).to.equal('lit');
    while ((await call(fuse)).status !== 503) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await call(fuse)).body.detail).to.include('boom');
    expect((await call(`http://127.0.0.1:${port}/livez`)).status).to.equal(200);

    first.child.kill('SIGTERM');
    expect((await first.ended)[0]).to.equal(0);
    expect(await runFile().catch(() => null)).to.equal(null);
  });

  it('keeps serving when its output is closed, and stops on a signal', async () => {
    const server = run({ PLATFORM_PORT: '0', GATEWAY_PORT: '0' });
    const { child, ended } = server;
    await server.ready();
    const { port, gatewayPort } = await runFile();
    child.stdout.destroy();
    child.stderr.destroy();
    const fuse = `http://127.0.0.1:${gatewayPort}/api/bomb/fuse`;
    expect((await call(fuse)).body).to.equal('lit');
    while ((await call(fuse)).status !== 503) await new Promise((resolve) => setTimeout(resolve, 10)); // the failure is logged
    expect((await call(`http://127.0.0.1:${port}/livez`)).status).to.equal(200);
    child.kill('SIGTERM');
    expect((await ended)[0]).to.equal(0);
  });

  it('names every invalid variable and exits with 2', async () => {
    const { ended, output } = run({ PLATFORM_PORT: 'x', PLATFORM_GATEWAY: 'caddy' });
    expect((await ended)[0]).to.equal(2);
    expect(output()).to.include('PLATFORM_PORT=x').and.include('PLATFORM_GATEWAY=caddy');
  });
});
