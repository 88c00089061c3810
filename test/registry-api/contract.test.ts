import { expect } from 'chai';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { operationsOf } from '../../registry-api/app.ts';
import { openApiDocument } from '../../registry-api/openapi/document.ts';
import { setExported } from '../../registry-api/store/tools.ts';
import { endJob, refuseRollback } from '../../registry-api/store/jobs.ts';
import { Contract, type Document } from './support/contract.ts';
import { aManifest, startTestRegistry, type CallInit, type TestRegistry } from './support/registry.ts';

const NO_JOB = '00000000-0000-4000-8000-000000000000';

describe('the OpenAPI document', function () {
  let registry: TestRegistry;
  let contract: Contract;
  const driven = new Set<string>();

  before(async () => {
    registry = await startTestRegistry({ env: { PLATFORM_MODE: 'production' } });
    contract = new Contract((await registry.call('GET', '/openapi.json')).body as Document);
  });
  after(() => registry.close());

  /** Sends a request with all permissions and validates the answer against the document. */
  async function drive(
    method: string,
    path: string,
    init: CallInit & { at?: string; expect: number; anonymous?: boolean },
  ) {
    const token = await registry.token('tools:write', 'exports:run', 'webhooks:manage');
    const headers = { ...(init.anonymous ? {} : { Authorization: `Bearer ${token}` }), ...init.headers };
    const answer = await registry.call(method, init.at ?? path, { ...init, headers });
    expect(answer.status, `${method} ${init.at ?? path}: ${JSON.stringify(answer.body)}`).to.equal(
      init.expect,
    );
    expect(contract.problems(method, path, answer)).to.deep.equal([]);
    driven.add(`${method.toLowerCase()} ${path}`);
    return answer;
  }

  it('resolves every reference, compiles every schema strictly, and has unique ids', () => {
    const { document } = contract;
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas, 'referenced').to.have.property(name ?? '');
    const ajv = new Ajv2020({
      strict: true,
      allowUnionTypes: true,
      formats: { 'date-time': true, uuid: true },
    });
    ajv.addVocabulary(['components']);
    for (const [name, schema] of Object.entries(document.components.schemas))
      expect(() => ajv.compile({ components: document.components, ...schema }), name).not.to.throw();
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((o) => o['operationId']),
    );
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('generates the OpenAPI document from the mounted operations', () => {
    const operations = operationsOf({} as never, { version: '0.0.0-test' } as never, null as never);
    expect(contract.document).to.deep.equal(
      JSON.parse(JSON.stringify(openApiDocument(operations, '0.0.0-test'))),
    );
  });

  it('describes the answers of every route', async () => {
    const manifest = aManifest({
      endpoints: [{ method: 'GET', path: '/items', permissions: ['x:read'] }],
      permissions: ['x:read'],
      env: [{ name: 'X_KEY', secret: true }],
      databaseSchema: { tables: ['x'] },
    });
    const tool = `/api/tools/${manifest.id}`;
    const made = await drive('POST', '/api/tools', { body: manifest, expect: 201 });
    await drive('POST', '/api/tools', { body: manifest, expect: 409 });
    await drive('POST', '/api/tools', { body: {}, expect: 422 });
    await drive('POST', '/api/tools', { body: manifest, expect: 401, anonymous: true });
    await drive('POST', '/api/tools', {
      body: manifest,
      expect: 403,
      anonymous: true,
      headers: { Authorization: `Bearer ${await registry.token('x:y')}` },
    });
    await drive('POST', '/api/tools', { body: { name: 'x'.repeat(300_000) }, expect: 413 });
    await drive('POST', '/api/tools', { body: {}, headers: { 'Content-Type': 'text/plain' }, expect: 415 });
    await drive('GET', '/api/tools', { at: '/api/tools?facets=true', expect: 200 });
    await drive('GET', '/api/tools', { at: '/api/tools?limit=x', expect: 400 });
    await drive('GET', '/api/tools/search', { at: '/api/tools/search?q=tool', expect: 200 });
    const byId = '/api/tools/{toolId}';
    await drive('GET', byId, { at: tool, expect: 200 });
    await drive('GET', byId, {
      at: tool,
      expect: 304,
      headers: { 'If-None-Match': made.headers.get('etag') ?? '' },
    });
    await drive('GET', byId, { at: '/api/tools/missing', expect: 404 });
    await drive('PUT', byId, { at: tool, body: { name: 'Y', status: 'deprecated' }, expect: 200 });
    await drive('PUT', byId, { at: tool, body: { name: 'Y' }, headers: { 'If-Match': '"1"' }, expect: 412 });
    await drive('PUT', byId, { at: tool, body: { name: 'Y', status: 'alpha' }, expect: 422 });
    await setExported(
      registry.pool,
      manifest.id,
      { serviceUrl: 's', gatewayUrl: 'g', webUrl: 'w', databaseName: 'd' },
      'x',
    );
    await drive('DELETE', byId, { at: tool, expect: 409 });
    await setExported(registry.pool, manifest.id, null, 'x');
    await drive('GET', '/api/tools/{toolId}/history', { at: `${tool}/history`, expect: 200 });
    await drive('GET', '/api/tools/{toolId}/history', { at: '/api/tools/missing/history', expect: 404 });

    const exported = await drive('POST', '/api/tools/{toolId}/export', {
      at: `${tool}/export`,
      body: {},
      expect: 202,
    });
    await drive('POST', '/api/tools/{toolId}/export', { at: `${tool}/export`, body: {}, expect: 409 });
    await drive('POST', '/api/tools/{toolId}/export', {
      at: `${tool}/export`,
      body: { fast: true },
      expect: 422,
    });
    const jobPath = '/api/tools/export/jobs/{jobId}';
    const job = `/api/tools/export/jobs/${exported.body.id as string}`;
    await drive('GET', '/api/tools/export/jobs', { expect: 200 });
    await drive('GET', jobPath, { at: job, expect: 200 });
    await drive('GET', jobPath, { at: job.replace(/[^/]+$/, NO_JOB), expect: 404 });
    await drive('POST', `${jobPath}/cancel`, { at: `${job}/cancel`, expect: 202 });
    await drive('POST', `${jobPath}/rollback`, { at: `${job}/rollback`, expect: 409 });
    await endJob(registry.pool, exported.body.id as string, {
      status: 'failed',
      error: { code: 'x', message: 'y', step: 'database' },
    });
    await registry.pool.query(`INSERT INTO export_journal (job_id, seq, change) VALUES ($1, 1, '{}')`, [
      exported.body.id,
    ]);
    await drive('POST', `${jobPath}/rollback`, { at: `${job}/rollback`, expect: 202 });
    await refuseRollback(registry.pool, exported.body.id as string, 'not now'); // a stream of the job ends
    await drive('POST', `${jobPath}/cancel`, { at: `${job}/cancel`, expect: 409 });
    await drive('GET', `${jobPath}/events`, { at: `${job}/events`, expect: 200 });
    await drive('GET', `${jobPath}/events`, { at: job.replace(/[^/]+$/, `${NO_JOB}/events`), expect: 404 });
    await drive('DELETE', byId, { at: tool, expect: 204 });

    const hook = await drive('POST', '/api/webhooks', {
      body: { url: 'https://example.test/', events: ['*'] },
      expect: 201,
    });
    await drive('POST', '/api/webhooks', {
      body: { url: 'ftp://example.test/', events: ['no'] },
      expect: 422,
    });
    await drive('GET', '/api/webhooks', { expect: 200 });
    const hookPath = '/api/webhooks/{webhookId}';
    await drive('GET', `${hookPath}/deliveries`, {
      at: `${hook.headers.get('location') ?? ''}/deliveries`,
      expect: 200,
    });
    await drive('DELETE', hookPath, { at: hook.headers.get('location') ?? '', expect: 204 });
    await drive('DELETE', hookPath, { at: hook.headers.get('location') ?? '', expect: 404 });

    for (const path of [
      '/health',
      '/livez',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/docs',
      '/.well-known/jwks.json',
    ])
      await drive('GET', path, { expect: 200 });
    await drive('GET', '/docs/{file}', { at: '/docs/swagger-ui.css', expect: 200 });
    await drive('GET', '/docs/{file}', { at: '/docs/..%2f..%2fpackage.json', expect: 404 });

    const described = Object.entries(contract.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(
      described.filter((route) => !driven.has(route)),
      'routes not driven',
    ).to.deep.equal([]);
  });

  it('describes answers to other methods and unusual bodies', async () => {
    const patch = await registry.call('PATCH', '/api/tools');
    expect([patch.status, patch.headers.get('allow'), patch.body.code]).to.deep.equal([
      405,
      'POST, GET, HEAD',
      'method-not-allowed',
    ]);
    const token = {
      Authorization: `Bearer ${await registry.token('tools:write')}`,
      'Content-Type': 'application/json',
    };
    const send = (body: string, headers: Record<string, string> = {}) =>
      fetch(`${registry.url}/api/tools`, {
        method: 'POST',
        body,
        headers: { ...token, ...headers },
      });
    const status = async (response: Promise<Response>) => {
      const answer = await response;
      expect(answer.headers.get('content-type')).to.include('application/problem+json');
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await status(send('{'))).to.deep.equal([400, 'malformed-json']);
    expect(await status(send(''))).to.deep.equal([422, 'manifest-invalid']);
    expect(await status(send('null'))).to.deep.equal([422, 'manifest-invalid']);
    expect(await status(send('[]'))).to.deep.equal([422, 'manifest-invalid']);
    expect(await status(send('{"id":"x","name":"\\u0000"}'))).to.deep.equal([422, 'manifest-invalid']);
    expect(await status(send('{"id":"x","name":"X","description":"a\\u0000b"}'))).to.deep.equal([
      422,
      'manifest-invalid',
    ]);
    expect(await status(send('{}', { 'Content-Encoding': 'br-x' }))).to.deep.equal([
      415,
      'unsupported-media-type',
    ]);
    expect(await status(send('{}', { 'Content-Type': 'application/json; charset=latin1' }))).to.deep.equal([
      415,
      'unsupported-media-type',
    ]);
    expect(await status(send(`{"__proto__":{"x":1},"id":"x","name":"X"}`))).to.deep.equal([
      422,
      'manifest-invalid',
    ]);
  });
});
