import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The tool that is changed: its web app is the same as in other tests, so that the suite builds it once. */
export const PARITY_TOOL = 'inventory-tracker';

/** Routes below `/odd`, as the manifest declares them. */
const ENDPOINTS: readonly (readonly [method: string, path: string])[] = [
  ...[
    '/@me',
    '/items/$count',
    '/a,b',
    '/files/*path',
    '/echo/:value',
    '/stream',
    '/events',
    '/large/:size',
  ].map((path) => ['GET', path] as const),
  ...[
    '/status/:code',
    '/moved',
    '/headers',
    '/cookies',
    '/gzip',
    '/throw/:kind',
    '/half',
    '/none',
    '/closing',
    '/guarded',
  ].map((path) => ['GET', path] as const),
  ...['/raw', '/text', '/form', '/count', '/unread/:status', '/some', '/limited'].map(
    (path) => ['POST', path] as const,
  ),
  ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, '/body'] as const),
];

const ODD = `/* eslint-disable @typescript-eslint/unbound-method */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import express, { type Express, type RequestHandler } from 'express';
import { PlatformError } from '#contracts/errors';
import { HttpProblem } from '#contracts/http-problem';
import type { ToolContext } from '#contracts/tool-context';

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const body: RequestHandler = (request, response) => {
  response.json({ body: request.body as unknown });
};
const bytes: RequestHandler = (request, response) => {
  const sent = request.body as Buffer;
  response.json({ length: sent.length, hash: hash(sent) });
};

const FAULTS: Readonly<Record<string, () => unknown>> = {
  problem: () => Promise.reject(new HttpProblem(409, 'taken', 'It is taken.', [{ pointer: '/a', message: 'is taken' }])),
  platform: () => Promise.reject(new PlatformError('tool-not-found', 'No such tool.')),
  file: () => readFile(join(tmpdir(), 'no', 'such', 'file')),
  refused: () => fetch('http://127.0.0.1:9/'),
  error: () => Promise.reject(new Error('a secret')),
  slow: () => Promise.reject(new HttpProblem(503, 'busy', 'Later.')),
  teapot: () => Promise.reject(new HttpProblem(418, 'teapot', 'Short and stout.')),
};

/** Routes of every kind, in an application of their own. */
export function odd({ db, requirePermission }: ToolContext): Express {
  const app = express();
  app.get(['/@me', '/items/$count', '/a,b'], (request, response) => {
    response.json(request.path);
  });
  app.get('/files/*path', (request, response) => {
    response.json(request.params['path']);
  });
  app.get('/echo/:value', (request, response) => {
    const { params, query, method, path, protocol, hostname } = request;
    const { accept, cookie, 'x-one': one, 'x_two': two, 'content-type': type } = request.headers;
    response.json({ params, query, method, path, protocol, hostname, accept, cookie, one, two, type });
  });
  app.get('/stream', async (_request, response) => {
    for (const row of [1, 2, 3]) {
      response.write(\`{"row":\${row}}\\n\`);
      await delay(5);
    }
    response.end();
  });
  app.get('/events', async (_request, response) => {
    response.type('text/event-stream').set('Cache-Control', 'no-cache').flushHeaders();
    for (const id of [1, 2]) {
      response.write(\`id: \${id}\\ndata: tick\\n\\n\`);
      await delay(5);
    }
    response.end();
  });
  app.get('/large/:size', (request, response) => {
    response.type('application/octet-stream').send(Buffer.alloc(Math.min(Number(request.params.size) || 0, 25_000_000), 'abc'));
  });
  app.get('/status/:code', (request, response) => {
    const code = Number(request.params.code);
    response.status(code >= 200 && code < 600 ? code : 400).send('as asked');
  });
  app.get('/moved', (_request, response) => {
    response.redirect(307, '../odd/@me?from=moved');
  });
  app.get('/headers', (_request, response) => {
    response
      .set({ 'X-Custom': 'ä'.normalize(), 'Cache-Control': 'private, max-age=5', Vary: 'Accept', ETag: 'W/"odd"' })
      .set({ Link: '</next>; rel=next', 'Content-Language': 'en', 'Last-Modified': 'Tue, 01 Sep 2026 00:00:00 GMT' })
      .attachment('report – ü.csv')
      .cookie('a', '1', { path: '/', sameSite: 'lax' })
      .cookie('b', '2 3')
      .send('a;b');
  });
  app.get('/cookies', (_request, response) => {
    response.cookie('platform_session', 'x').append('Set-Cookie', ['XSRF-TOKEN=x', 'platform_sign_in=x', 'mine=1']);
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end('mine');
  });
  app.get('/gzip', (_request, response) => {
    response.set('Content-Encoding', 'gzip').type('text').send(gzipSync('packed by the tool'));
  });
  app.get('/throw/:kind', async (request, response) => {
    await FAULTS[request.params.kind]?.();
    response.json('no fault');
  });
  app.get('/half', (_request, response) => {
    response.set('Content-Length', '1000').write('half of it', () => response.destroy());
  });
  app.get('/none', (request) => {
    request.socket.destroy();
  });
  app.get('/closing', (_request, response) => {
    response.set('Connection', 'close').json('closed');
  });
  app.get('/guarded', requirePermission('inventory:read'), async (_request, response) => {
    const { rows } = await db.query('SELECT count(*)::int AS count FROM inventory_items');
    response.json(rows[0]);
  });
  app.post('/raw', express.raw({ type: '*/*', limit: '25mb' }), bytes);
  app.post('/text', express.text({ type: '*/*' }), body);
  app.post('/form', express.urlencoded(), body);
  app.post('/limited', express.json({ limit: 100 }), body);
  app.post('/count', async (request, response) => {
    let length = 0;
    for await (const chunk of request) length += (chunk as Buffer).length;
    response.json({ length });
  });
  app.post('/unread/:status', (request, response) => {
    response.status(Number(request.params.status) === 401 ? 401 : 404).json('not read');
  });
  app.post('/some', (request, response) => {
    request.once('data', () => {
      request.pause();
      response.status(409).json('read a little');
    });
    request.once('end', () => {
      if (!response.headersSent) response.status(409).json('read a little');
    });
  });
  app.post('/body', body).put('/body', body).patch('/body', body).delete('/body', body);
  return app;
}
`;

const INDEX = `import { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';
import { odd } from './odd.ts';
import { inventoryRoutes } from './routes/inventory.routes.ts';

/** Called by the host: the monolith, or the exported service. */
export default function createRouter(context: ToolContext): Router {
  const router = Router();
  router.get('/', (request, response) => {
    response.json({ query: request.query });
  });
  router.use('/odd', odd(context));
  router.use(inventoryRoutes(context));
  return router;
}
`;

/** Adds odd routes to the tool of a repository. */
export async function writeParityTool(root: string): Promise<void> {
  const folder = path.join(root, 'tools', PARITY_TOOL);
  const file = path.join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { endpoints: object[] };
  const endpoints = ENDPOINTS.map(([method, route]) => ({ method, path: `/odd${route}` }));
  await mkdir(path.join(folder, 'backend'), { recursive: true });
  await writeFile(path.join(folder, 'backend/odd.ts'), ODD);
  await writeFile(path.join(folder, 'backend/index.ts'), INDEX);
  const all = [...manifest.endpoints, { method: 'GET', path: '/' }, ...endpoints];
  await writeFile(file, `${JSON.stringify({ ...manifest, endpoints: all }, null, 2)}\n`);
}
