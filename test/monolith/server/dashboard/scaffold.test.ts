import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { eventually } from '../../../registry-api/support/eventually.ts';
import { call, makeRepository, openPlatform, type TestRepository } from '../repository.ts';

const answers = (id: string, resources: number, fields: number): object => ({
  id,
  name: 'Planned',
  description: '',
  version: '1.0.0',
  status: 'alpha',
  resources: Array.from({ length: resources }, (_, i) => ({
    name: `thing${i}`,
    fields: Array.from({ length: fields }, (_field, j) => ({ name: `field${j}`, type: 'string' })),
  })),
});

const threads = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

describe('scaffolds of the dashboard', function () {
  this.timeout(120_000);
  let repository: TestRepository;
  let platform: Platform;
  before(async () => {
    repository = await makeRepository();
    for (const part of ['templates', 'monolith', 'tsconfig.json', '.prettierrc.json'])
      await symlink(path.resolve(part), path.join(repository.root, part));
    platform = await openPlatform(repository.root);
  });
  after(async () => {
    await platform.close();
    await repository.remove();
  });

  const post = (address: string, body: object | string, signal?: AbortSignal): ReturnType<typeof call> =>
    call(`http://127.0.0.1:${platform.port}${address}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    });

  it('plans a scaffold while the platform answers others, and stops when the caller disconnects', async () => {
    const caller = new AbortController();
    let answered = false;
    const preview = post('/api/scaffold/preview', answers('largest', 20, 50), caller.signal).then(
      () => (answered = true),
      () => undefined,
    );
    await eventually(() => Promise.resolve(threads() === 1), 30_000);
    for (let i = 0; i < 5; i += 1)
      expect((await call(`http://127.0.0.1:${platform.port}/livez`)).status).to.equal(200);
    expect(answered, 'the largest scaffold is planned more slowly than five probes are answered').to.equal(
      false,
    );
    caller.abort();
    await preview;
    // less than the plan needs
    await eventually(() => Promise.resolve(threads() === 0), 4_000);
    expect(answered).to.equal(false);
  });

  it('a scaffold shows every file, and reports conflicts and wrong answers', async () => {
    const preview = await post('/api/scaffold/preview', answers('small', 1, 2));
    expect(preview.status, preview.text.slice(0, 600)).to.equal(200);
    expect(preview.body.manifest.id).to.equal('small');
    expect((preview.body.files as { path: string }[]).map(({ path }) => path)).to.include(
      'tools/small/backend/index.ts',
    );
    await repository.write('tools/taken/backend/index.ts', 'export {};');
    const taken = await post('/api/scaffold/preview', answers('taken', 1, 2));
    expect([taken.status, taken.body.code]).to.deep.equal([409, 'target-exists']);
    const wrong = await post('/api/scaffold/preview', answers('wrong', 21, 1));
    expect([wrong.status, wrong.body.code, wrong.body.errors]).to.deep.equal([
      422,
      'answers-invalid',
      [{ pointer: '/resources', message: 'must NOT have more than 20 items' }],
    ]);
  });

  it('refuses a scaffold with a body of the largest size with a short message', async () => {
    const room = 256 * 1024 - 200;
    const list = (item: string): string =>
      `[${Array(Math.floor(room / (item.length + 1)))
        .fill(item)
        .join(',')}]`;
    for (const address of ['/api/scaffold', '/api/scaffold/preview'])
      for (const field of ['id', 'name', 'description', 'version', 'status', 'owner', 'resources', 'unknown'])
        for (const value of [
          list('{}'),
          list('""'),
          `"${'a'.repeat(room)}\\n"`,
          '['.repeat(room / 2) + ']'.repeat(room / 2),
        ]) {
          const { status, body } = await post(address, `{${JSON.stringify(field)}:${value}}`);
          expect([status, body.code], `${address} ${field}`).to.deep.equal([422, 'answers-invalid']);
          expect(body.errors, `${address} ${field}`).to.have.length.within(1, 101);
        }
    expect(threads(), 'nothing is planned for answers that are not valid').to.equal(0);
  });
});

/** A dry run that never ends, and says which process it is. */
const ENDLESS = `
  import { writeFileSync } from 'node:fs';
  import gulp from 'gulp';
  gulp.task('export', () => new Promise(() => {
    writeFileSync('dry-run.pid', String(process.pid));
    setInterval(() => undefined, 1000);
  }));`;

describe('dry runs of the dashboard', function () {
  this.timeout(120_000);
  let repository: TestRepository;
  let platform: Platform;
  before(async () => {
    repository = await makeRepository();
    await repository.write('gulpfile.js', ENDLESS);
    platform = await openPlatform(repository.root);
  });
  after(async () => {
    await platform.close();
    await repository.remove();
  });

  const runs = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('refuses unknown options of a dry run with 422, by name', async () => {
    const refused = async (what: string, body: unknown): Promise<string> => {
      const answer = await fetch(`http://127.0.0.1:${platform.port}/api/preview/${what}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status, JSON.stringify(body)).to.equal(422);
      return ((await answer.json()) as { detail: string }).detail;
    };
    const toolId = 'notes';
    expect(await refused('export', { toolId, cutover: 'never' })).to.contain('/cutover: must be one of auto');
    expect(await refused('export', { toolId, target: 'swarm' })).to.contain('/target: is not a known field');
    expect(await refused('export', { toolId: '../x' })).to.contain('/toolId');
    expect(await refused('export', [])).to.contain('must be object');
    expect(await refused('rollback', { jobId: 'x; ls' })).to.contain('/jobId');
    expect(await refused('rollback', { jobId: 7 })).to.contain('/jobId: must be string');
  });

  it('ends a dry run when its caller disconnects', async () => {
    const caller = new AbortController();
    const answer = fetch(`http://127.0.0.1:${platform.port}/api/preview/export`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ toolId: 'notes' }),
      signal: caller.signal,
    }).catch(() => null);
    const pidFile = path.join(repository.root, 'dry-run.pid');
    const pidOf = async (): Promise<number> => Number(await readFile(pidFile, 'utf8').catch(() => ''));
    await eventually(async () => (await pidOf()) > 0, 60_000);
    const pid = await pidOf();
    expect(runs(pid)).to.equal(true);
    caller.abort();
    expect(await answer).to.equal(null);
    await eventually(() => Promise.resolve(!runs(pid)), 30_000);
  });
});
