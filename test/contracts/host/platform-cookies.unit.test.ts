import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express, { type RequestHandler } from 'express';
import { keepPlatformCookies, withoutPlatformCookies } from '../../../contracts/host/platform-cookies.ts';

const ROUTES: Readonly<Record<string, RequestHandler>> = {
  '/cookie': (_req, res) => void res.cookie('platform_session', 'x').cookie('mine', '1').send('ok'),
  '/only': (_req, res) => void res.set('Set-Cookie', 'XSRF-TOKEN=x').json('ok'),
  '/head': (_req, res) =>
    void res
      .writeHead(201, 'Made', { 'Set-Cookie': ['platform_sign_in=x', 'mine=1'], 'X-Own': 'a' })
      .end('ok'),
  '/pairs': (_req, res) =>
    void res
      .writeHead(200, ['Set-Cookie', 'mine=1', 'set-cookie', 'platform_session=x', 'X-Own', 'a'])
      .end('ok'),
  '/stream': (_req, res) => {
    res.setHeader('Set-Cookie', ['platform_session=x', 'mine=1']);
    res.write('o');
    res.end('k');
  },
  '/flush': (_req, res) => {
    res.append('Set-Cookie', 'platform_session=x').append('Set-Cookie', 'mine=1').flushHeaders();
    res.end('ok');
  },
  '/none': (_req, res) => void res.send('ok'),
};

describe('cookies of the platform in answers of tools', () => {
  let server: Server;
  before(async () => {
    const app = express().use(keepPlatformCookies);
    for (const [path, handler] of Object.entries(ROUTES)) app.get(path, handler);
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  it('are removed however a tool sets them, and its own cookies stay', async () => {
    const { port } = server.address() as AddressInfo;
    for (const path of Object.keys(ROUTES)) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      const own = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
      expect(own, path).to.deep.equal(path === '/none' || path === '/only' ? [] : ['mine=1']);
      expect(await answer.text(), path).to.contain('ok');
      if (path === '/head') expect([answer.status, answer.statusText]).to.deep.equal([201, 'Made']);
      if (path === '/head' || path === '/pairs') expect(answer.headers.get('X-Own')).to.equal('a');
    }
  });

  it('are recognised by the name that a browser gives them', () => {
    const platform = [
      'platform_session=x; Path=/',
      ' platform_session =x',
      'platform_session; Path=/',
      '=platform_session=x',
      ' = XSRF-TOKEN=x',
      '\tplatform_sign_in=',
    ];
    const own = [
      'platform_session_2=x',
      'session=platform_session',
      'mine=platform_session=x',
      '',
      'xsrf-token=x',
    ];
    expect(withoutPlatformCookies([...platform, ...own])).to.deep.equal(own);
  });
});
