import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { PlatformError } from '../../contracts/errors.ts';
import { createCall } from '../../registry-api/client/call.ts';
import { createRegistryClient, type RegistryClient } from '../../registry-api/client.ts';
import { aManifest, startTestRegistry, type TestRegistry } from './support/registry.ts';

describe('registry client', function () {
  let registry: TestRegistry;
  let client: RegistryClient;
  before(async () => {
    registry = await startTestRegistry({ env: { PLATFORM_MODE: 'production' } });
    client = createRegistryClient({
      baseUrl: registry.url,
      token: await registry.token('tools:write', 'exports:run'),
    });
  });
  after(() => registry.close());

  const failure = async (work: Promise<unknown>): Promise<PlatformError> =>
    work.then(
      () => expect.fail('it should have been refused'),
      (error: unknown) => error as PlatformError,
    );

  it('registers, reads, finds, changes, exports and deletes tools', async () => {
    const manifest = aManifest({ name: 'Quokka Counter' });
    const made = await client.register(manifest, { idempotencyKey: 'once' });
    expect(await client.register(manifest, { idempotencyKey: 'once' })).to.deep.equal(made);
    expect(await client.get(manifest.id)).to.deep.equal(made);
    expect(
      (await client.list({ status: ['alpha', 'beta'], q: 'quokka', exported: false })).data,
    ).to.deep.equal([made.tool]);
    expect((await client.search('quoka')).data).to.deep.equal([made.tool]);
    const changed = await client.update(
      manifest.id,
      { ...manifest, status: 'deprecated' },
      { ifMatch: made.etag },
    );
    expect(changed.tool.status).to.equal('deprecated');
    expect(changed.dependants).to.deep.equal([]);
    const job = await client.startExport(manifest.id, { dryRun: true });
    expect(job.options).to.deep.equal({ dryRun: true, runtime: 'auto', cutover: 'auto' });
    expect((await client.jobs({ toolId: manifest.id })).data.map((found) => found.id)).to.deep.equal([
      job.id,
    ]);
    expect((await client.history(manifest.id)).data.map((entry) => entry.action)).to.deep.equal([
      'updated',
      'registered',
    ]);
    expect((await client.cancel(job.id)).id).to.equal(job.id);
    await registry.pool.query(`UPDATE export_jobs SET status = 'completed', options = '{}' WHERE id = $1`, [
      job.id,
    ]);
    await registry.pool.query(`INSERT INTO export_journal (job_id, seq, change) VALUES ($1, 1, '{}')`, [
      job.id,
    ]);
    await client.rollback(job.id, { discardWrites: true });
    expect(registry.runs.at(-1)?.options).to.deep.equal({ bringBack: false, discardWrites: true });
    await registry.pool.query(`UPDATE export_jobs SET status = 'cancelled' WHERE id = $1`, [job.id]);
    expect((await client.job(job.id)).status).to.equal('cancelled');
    await client.remove(manifest.id, { ifMatch: changed.etag });
    expect((await failure(client.get(manifest.id))).code).to.equal('tool-not-found');
  });

  it('throws the code, message and problems of the registry', async () => {
    const error = await failure(client.register({ id: 'Bad Id', colour: 'red' }));
    expect(error.code).to.equal('manifest-invalid');
    expect(error.errors.map((e) => e.pointer)).to.have.members(['/id', '/name', '/colour']);
    const { tool } = await client.register(aManifest());
    const stale = await failure(client.update(tool.toolId, { name: 'X' }, { ifMatch: '"77"' }));
    expect(stale.code).to.equal('version-conflict');
  });

  it('compiles only requests of the OpenAPI document', () => {
    const call = createCall({ baseUrl: registry.url });
    const path = { toolId: 'x' };
    // never runs: tests the compiler
    const wrong = [
      // @ts-expect-error: unknown address
      () => call('get', '/api/nothing', {}),
      // @ts-expect-error: the address does not support the method
      () => call('delete', '/api/tools', {}),
      // @ts-expect-error: the id is missing
      () => call('get', '/api/tools/{toolId}', {}),
      // @ts-expect-error: unknown status
      () => call('get', '/api/tools', { query: { status: ['gone'] } }),
      // @ts-expect-error: unknown field
      () => call('post', '/api/tools/{toolId}/export', { path, body: { fast: true } }),
      // @ts-expect-error: unknown field of the answer
      async () => (await call('get', '/api/tools/{toolId}', { path })).body.colour,
    ];
    expect(wrong).to.have.length(6);
  });

  it('explains what to do when no server or another server answers', async () => {
    const away = createRegistryClient({ baseUrl: 'http://127.0.0.1:1' });
    const error = await failure(away.list());
    expect(error.code).to.equal('registry-unreachable');
    expect(error.message).to.include('http://127.0.0.1:1').and.include('npm start');
    let status = 404;
    const other = createServer((_request, response) => response.writeHead(status).end('<h1>Hello</h1>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const stranger = createRegistryClient({
      baseUrl: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
    });
    expect((await failure(stranger.list())).message).to.include('server is not a registry');
    status = 200;
    const page = await failure(stranger.list());
    expect([page.code, page.message.includes('is not a registry')]).to.deep.equal([
      'registry-unreachable',
      true,
    ]);
    other.close();
  });
});
