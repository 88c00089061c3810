import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import express, { type RequestHandler } from 'express';
import { problemAnswers, TITLED_CODES, type ProblemTitles } from '../../../contracts/host/problem.ts';
import { offerBody } from '../../../contracts/host/request-body.ts';

const titles = Object.fromEntries(TITLED_CODES.map((code) => [code, code])) as ProblemTitles;
const { answerErrors } = problemAnswers(titles);

const body: RequestHandler = (req, res) => {
  res.json({ body: req.body as unknown });
};
const sign = (bytes: Buffer): string => createHmac('sha256', 'key').update(bytes).digest('hex');
const signature: RequestHandler = (req, res) => {
  res.json({ signature: sign((req as { rawBody?: Buffer }).rawBody ?? (req.body as Buffer)) });
};
const keepRaw = (req: object, _res: object, bytes: Buffer): void =>
  void Object.assign(req, { rawBody: bytes });

function app(): express.Express {
  const router = express
    .Router()
    .post('/plain', body)
    .post('/ignores', (_req, res) => void res.json('done'))
    .post('/raw', express.raw({ type: '*/*', limit: '2mb' }), signature)
    .post('/verified', express.json({ verify: keepRaw }), signature)
    .post('/text', express.text({ type: 'application/json' }), body)
    .post(
      '/large',
      express.json({ limit: '2mb', strict: false }),
      (req, res) => void res.json((req.body as string).length),
    )
    .post('/form', express.urlencoded(), body)
    .post('/piped', (req, res) => void req.pipe(res.type('text')))
    .post('/stream', async (req, res) => void res.send(await text(req)))
    .post('/events', (req, res) => {
      let size = 0;
      req.on('data', (chunk: Buffer) => (size += chunk.length)).on('end', () => res.json(size));
    });
  return express()
    .use(offerBody(), router)
    .use(answerErrors({ onFault: (error) => expect.fail(String(error)) }));
}

describe('bodies of requests to a tool', () => {
  let server: Server;
  let port: number;
  before(async () => {
    server = createServer(app()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const post = async (
    path: string,
    sent: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly [status: number, body: unknown]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: sent,
      headers: { 'content-type': 'application/json', ...headers },
    });
    const answer = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return [response.status, json ? (JSON.parse(answer) as unknown) : answer];
  };
  const codeOf = async (...args: Parameters<typeof post>): Promise<unknown> => {
    const [status, problem] = await post(...args);
    return [status, (problem as { code?: unknown }).code, (problem as { detail?: unknown }).detail];
  };
  const odd = '{ "b": 1,\n  "a": "ü" }';

  it('parses JSON for routes without a parser of their own', async () => {
    expect(await post('/plain', odd)).to.deep.equal([200, { body: { a: 'ü', b: 1 } }]);
    expect(await post('/plain', '')).to.deep.equal([200, { body: {} }]);
    expect(await post('/plain', 'x', { 'content-type': 'text/plain' })).to.deep.equal([200, {}]);
    expect(await post('/plain', gzipSync(odd), { 'content-encoding': 'gzip' })).to.deep.equal([
      200,
      { body: { a: 'ü', b: 1 } },
    ]);
  });

  it('refuses a body that is no JSON or is too large when a handler reads it', async () => {
    expect(await codeOf('/plain', '{"a":')).to.deep.equal([400, 'malformed-json', 'The body is not JSON.']);
    const large = [413, 'body-too-large', 'The body is over 256 KiB.'];
    expect(await codeOf('/plain', JSON.stringify('x'.repeat(262_143)))).to.deep.equal(large);
    const bomb = gzipSync(JSON.stringify('x'.repeat(400_000)));
    expect(await codeOf('/plain', bomb, { 'content-encoding': 'gzip' })).to.deep.equal(large);
    const latin = { 'content-type': 'application/json; charset=latin1' };
    expect(await codeOf('/plain', '"x"', latin)).to.include('unsupported-media-type');
    expect(await post('/ignores', '{"a":')).to.deep.equal([200, 'done']);
  });

  it('gives express.raw the bytes of a JSON body, valid or not', async () => {
    for (const sent of [odd, '{"broken":', 'x'.repeat(500_000)])
      expect(await post('/raw', sent)).to.deep.equal([200, { signature: sign(Buffer.from(sent)) }]);
  });

  it('gives verify of express.json the bytes, and express.text the text', async () => {
    expect(await post('/verified', odd)).to.deep.equal([200, { signature: sign(Buffer.from(odd)) }]);
    expect(await post('/text', odd)).to.deep.equal([200, { body: odd }]);
    expect(await codeOf('/verified', '{')).to.deep.equal([400, 'malformed-json', 'The body is not JSON.']);
  });

  it('applies the limit of the parser of a route, and names it', async () => {
    expect(await post('/large', JSON.stringify('x'.repeat(1_500_000)))).to.deep.equal([200, 1_500_000]);
    expect(await codeOf('/large', JSON.stringify('x'.repeat(2_500_000)))).to.deep.equal([
      413,
      'body-too-large',
      'The body is over 2048 KiB.',
    ]);
  });

  it('lets a route read the stream itself', async () => {
    const large = JSON.stringify('x'.repeat(1_000_000));
    for (const sent of [odd, '', large]) {
      expect(await post('/piped', sent)).to.deep.equal([200, sent]);
      expect(await post('/stream', sent)).to.deep.equal([200, sent]);
      expect(await post('/events', sent)).to.deep.equal([200, Buffer.byteLength(sent)]);
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post('/form', 'a=1', form)).to.deep.equal([200, { body: { a: '1' } }]);
  });

  it('serves the next request of a connection whose large body no route has read', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/ignores', '/plain', '/ignores']) {
      const sent = request({
        agent,
        port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      sent.end(JSON.stringify('x'.repeat(3_000_000)));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      expect(response.statusCode).to.equal(path === '/plain' ? 413 : 200);
    }
    agent.destroy();
  });

  it('survives a client that disconnects in the middle of its body', async () => {
    const socket = connect(port, '127.0.0.1');
    const lines = [
      'POST /plain HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      'Content-Length: 50',
      '',
      '{',
    ];
    socket.write(lines.join('\r\n'), () => socket.destroy());
    await once(socket, 'close');
    expect(await post('/plain', odd)).to.deep.equal([200, { body: { a: 'ü', b: 1 } }]);
  });
});
