import { connect } from 'node:net';
import { expect } from 'chai';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import { call, makeRepository, openPlatform, signIn, type TestRepository } from '../repository.ts';

const BACKEND = `
  import { tmpdir } from 'node:os';
  import { Router } from 'express';
  export default ({ requirePermission }) => Router()
    .get('/rows', requirePermission('rows:read'), (_req, res) => void res.json([]))
    .post('/rows', requirePermission('rows:write'), (_req, res) => void res.status(201).json({}))
    .get('/file', (_req, res) => res.sendFile(tmpdir() + '/no-such-folder/of this machine/report.pdf'))
    .get('/crash', () => { throw new Error("ENOENT: no such file, open '/no-such-folder/x.txt' by /no-such-folder/y.ts:3:7"); });`;

/** Sends a request line and headers as they are, and returns the answer. */
async function send(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk);
  return answer;
}

describe('requests to the platform', () => {
  let repository: TestRepository;
  let platform: Platform;
  const rows = (): string => `http://127.0.0.1:${platform.port}/api/tools/guarded/rows`;

  before(async () => {
    repository = await makeRepository();
    await repository.writeTool(
      'guarded',
      { permissions: ['rows:read', 'rows:write'] },
      { 'backend/index.ts': BACKEND },
    );
    platform = await openPlatform(repository.root);
  });
  after(async () => {
    await platform.close();
    await repository.remove();
  });

  it('counts requests without a token as the developer’s from this machine only', async () => {
    expect((await call(rows())).status).to.equal(200);
    for (const headers of [
      { origin: 'http://else.example' },
      { origin: 'http://localhost:9' },
      { 'sec-fetch-site': 'cross-site' },
      { 'x-forwarded-for': '203.0.113.7' },
      { 'x-real-ip': '203.0.113.7' },
      { forwarded: 'for=203.0.113.7' },
    ])
      expect((await call(rows(), { headers })).status, JSON.stringify(headers)).to.equal(401);
    for (const host of ['else.example', 'localhost.else.example'])
      expect(await send(platform.port, ['GET /api/tools/guarded/rows HTTP/1.1', `Host: ${host}`])).to.match(
        / 401 /,
      );
  });

  it('refuses changes that pages of other sites request', async () => {
    const post = (headers: Record<string, string>): ReturnType<typeof call> =>
      call(rows(), { method: 'POST', headers });
    for (const origin of ['http://else.example', 'http://localhost:9', 'null'])
      expect((await post({ origin })).status, origin).to.equal(403);
    expect((await post({ origin: `http://127.0.0.1:${platform.port}` })).status).to.equal(201);
  });

  it('lets a signed-in user change data at a host name, and no request without a user', async () => {
    const session = Object.entries(await signIn(`http://127.0.0.1:${platform.port}`, ['rows:write']));
    const post = (headers: readonly (readonly string[])[]): Promise<string> =>
      send(platform.port, [
        'POST /api/tools/guarded/rows HTTP/1.1',
        'Host: platform.example',
        'Origin: http://platform.example',
        'Content-Length: 0',
        ...headers.map((header) => header.join(': ')),
      ]);
    expect(await post(session)).to.match(/ 201 /);
    expect(await post([])).to.match(/ 403 [\s\S]*is not this machine/);
  });

  it('refuses requests with two Host headers, also at the gateway', async () => {
    for (const port of [platform.port, platform.gatewayPort])
      for (const address of ['/livez', '/api/tools/guarded/rows', '/tools/guarded/'])
        expect(
          await send(port, [`GET ${address} HTTP/1.1`, 'Host: localhost', 'Host: else.example']),
          address,
        ).to.match(/^HTTP\/1\.1 400 [\s\S]*"code":"bad-request"/);
  });

  it('sends nosniff with every answer, whatever answers', async () => {
    for (const address of [
      '/api/tools',
      '/api/tools/guarded/rows',
      '/api/nowhere',
      '/api/session',
      '/livez',
      '/docs',
    ])
      expect(
        (await call(`http://127.0.0.1:${platform.port}${address}`)).headers.get('x-content-type-options'),
        address,
      ).to.equal('nosniff');
  });

  it('answers without a path of the machine, even in development mode', async () => {
    const file = await call(rows().replace('/rows', '/file'));
    expect([file.status, file.body.code]).to.deep.equal([404, 'not-found']);
    const crash = await call(rows().replace('/rows', '/crash'));
    expect([crash.status, crash.body.detail]).to.deep.equal([
      500,
      "Something went wrong on our side. ENOENT: no such file, open 'x.txt' by y.ts:3:7",
    ]);
    for (const { text } of [file, crash])
      expect(text).not.to.include('no-such-folder').and.not.to.include(repository.root);
  });

  it('the gateway answers a broken address with a problem document', async () => {
    const answer = await send(platform.gatewayPort, [
      'GET /tools/guarded/%E0%A4%A HTTP/1.1',
      'Host: localhost',
    ]);
    expect(answer)
      .to.match(/^HTTP\/1\.1 4\d\d /)
      .and.include('application/problem+json');
    expect(answer).not.to.include('node_modules');
  });
});
