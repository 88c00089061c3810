import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express5 from 'express';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { openPlatform, type EmbeddedPlatform, type HostUser } from '../../../monolith/server/express.ts';
import { issueToken } from '../../../registry-api/auth/token.ts';
import { openKeys } from '../../../registry-api/auth/keys.ts';
import { freePort } from '../../support/lab.ts';
import { createDatabase } from '../../support/postgres.ts';
import { call, makeRepository, signIn, writeNotes, type Answer, type TestRepository } from './repository.ts';

const SAM: HostUser = { subject: 'sam', permissions: ['rows:read', 'rows:write', 'tools:write'] };
const GLOBAL_EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'exit'];

const handlersOfProcess = (): readonly number[] => GLOBAL_EVENTS.map((name) => process.listenerCount(name));

for (const [version, express] of [
  ['4', createRequire(import.meta.url)('express-4') as typeof express5], // without types of its own
  ['5', express5],
] as const)
  describe(`the platform in an application with Express ${version}`, () => {
    let repository: TestRepository;
    let databaseUrl: string;
    let db: pg.Client;
    let port: number;
    let platform: EmbeddedPlatform;
    let server: Server;
    let service: Server;
    const lines: { readonly level: string; readonly message: string | undefined }[] = [];
    /** What the application does before the platform, which a test sets. */
    let authenticate: (request: IncomingMessage) => unknown = () => null;
    let handlers: readonly number[];
    const at = (address: string): string => `http://127.0.0.1:${port}${address}`;
    const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });

    before(async () => {
      repository = await makeRepository();
      await writeNotes(repository);
      await repository.writeTool(
        'slow',
        {},
        {
          'backend/index.ts': `import { Router } from 'express';
            export default () => Router()
              .get('/', (_req, res) => void setTimeout(() => res.json('done'), 300))
              .get('/cookies', (req, res) => res.cookie('sid', 'of the tool').json(req.headers.cookie ?? null));`,
        },
      );
      [databaseUrl, port] = [await createDatabase(), await freePort()];
      handlers = handlersOfProcess();
      platform = await openPlatform({
        ...options(),
        authenticate: (request) => authenticate(request) as HostUser,
      });
      server = host().listen(port, '127.0.0.1');
      await once(server, 'listening');
      db = new pg.Client({ connectionString: databaseUrl });
      await db.connect();
      await db.query('CREATE TABLE stock (name text)');
      service = createServer((request, response) => void answerAsService(request, response));
      service.listen(0, '127.0.0.1');
      await once(service, 'listening');
    });
    beforeEach(() => {
      authenticate = () => SAM;
      lines.length = 0;
    });
    after(async () => {
      await db.end();
      await platform.close();
      for (const each of [server, service]) {
        each.closeAllConnections();
        each.close();
      }
      await repository.remove();
    });

    const options = () => {
      const log =
        (level: string) =>
        (_fields: object, message?: string): void =>
          void lines.push({ level, message });
      const logger = { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') };
      const env = { GATEWAY_PORT: '0', PLATFORM_GATEWAY: 'facade', PATH: process.env['PATH'] };
      return { root: repository.root, port, databaseUrl, web: false, logger, env };
    };

    function host(): express5.Express {
      const app = express();
      app.set('trust proxy', '10.0.0.0/8');
      app.set('query parser', 'extended');
      const parser: express5.RequestHandler = express.json();
      app.use((request, response, next) => {
        // As an application that mounts the platform behind its parsers
        if (request.headers['x-parsed'] === undefined) next();
        else parser(request, response, next);
      });
      app.use('/below', platform.router);
      app.use(platform.router);
      app.use((request, response) => {
        const { url, baseUrl, query, headers, body } = request;
        const restored = [
          Object.getPrototypeOf(request) === app.request,
          Object.getPrototypeOf(response) === app.response,
          request.app === app,
        ];
        response
          .status(404)
          .json({ url, baseUrl, query, cookie: headers.cookie, body: body as unknown, restored });
      });
      app.use(((error: Error, _request, response, next) => {
        if (response.headersSent) next(error);
        else
          response
            .status(500)
            .json({ of: 'application', message: error.message, id: response.get('X-Request-Id') });
      }) satisfies express5.ErrorRequestHandler);
      return app;
    }

    /** Answers with what has arrived, in two parts. */
    async function answerAsService(request: IncomingMessage, response: ServerResponse): Promise<void> {
      response.setHeader('Set-Cookie', 'sid=of-the-service');
      response.write('[');
      let bytes = 0;
      for await (const chunk of request) bytes += (chunk as Buffer).length;
      const { authorization = null, cookie = null, 'x-forwarded-for': from } = request.headers;
      response.end(`${JSON.stringify({ url: request.url, bytes, authorization, cookie, from })}]`);
    }

    const exportStock = async (): Promise<void> => {
      await call(at('/api/tools'), json({ toolId: 'stock', name: 'Stock', permissions: ['rows:read'] }));
      const { port: of } = service.address() as AddressInfo;
      await db.query(
        `INSERT INTO tool_routes (tool_id, service_url, web_root) VALUES ('stock', $1, 'apps/stock-web') ON CONFLICT DO NOTHING`,
        [`http://127.0.0.1:${of}`],
      );
      while ((await call(at('/api/stock/x'))).status !== 200) await new Promise((go) => setTimeout(go, 20));
    };

    it('passes a request that it does not answer to the application as it was', async () => {
      for (const [method, address] of [
        ['GET', '/api/preview/none?a[b]=1'],
        ['POST', '/elsewhere?a[b]=1'],
      ] as const) {
        const { status, body } = await call(at(address), {
          ...(method === 'POST' ? json({ sent: 1 }, { 'x-parsed': '1' }) : {}),
          headers: {
            'content-type': 'application/json',
            'x-parsed': '1',
            cookie: 'platform_session=x; mine=y',
          },
        });
        expect(status).to.equal(404);
        expect(body).to.deep.include({
          url: address,
          baseUrl: '',
          query: { a: { b: '1' } },
          cookie: 'platform_session=x; mine=y',
          restored: [true, true, true],
        });
        if (method === 'POST') expect(body).to.deep.include({ body: { sent: 1 } });
      }
    });

    it('reads queries and bodies by its own rules, whatever the parsers of the application have made of them', async () => {
      const { status, body } = await call(at('/api/tools?a[b]=1'));
      expect([status, body.errors[0].pointer]).to.deep.equal([400, '/query/a[b]']);
      const type = { 'content-type': 'application/vnd.tool+json', 'x-parsed': '1' }; // of which express.json() reads nothing
      expect((await call(at('/api/tools'), json({ toolId: 'typed', name: 'Typed' }, type))).status).to.equal(
        201,
      );
    });

    it('hands an authenticate() that throws or returns no user to the application, and answers no caller', async () => {
      const failures: readonly (readonly [() => unknown, string])[] = [
        [() => Promise.reject(new Error('the session store is away')), 'the session store is away'],
        [
          () => {
            throw new Error('thrown at once');
          },
          'thrown at once',
        ],
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a careless application does
        [() => Promise.reject(), 'authenticate() of the application has failed'],
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a word that Express understands
        [() => Promise.reject('route'), 'authenticate() of the application has failed'],
        [() => undefined, 'authenticate() returned undefined'],
        [() => ({ subject: 7, permissions: ['*'] }), 'such as String(user.id)'],
        [() => ({ subject: '', permissions: ['*'] }), 'a value of type string as the subject'],
        [
          () => ({ subject: 'sam', permissions: 'rows:read' }),
          'a value of type string as the permissions of "sam"',
        ],
        [() => ({ subject: 'sam' }), 'undefined as the permissions of "sam"'],
      ];
      for (const [fails, message] of failures) {
        authenticate = fails;
        for (const address of ['/api/notes/rows', '/api/tools', '/api/session']) {
          const { status, body } = await call(at(address), { headers: { 'x-request-id': 'of-this-test' } });
          expect(status, message).to.equal(500);
          expect(body).to.include({ of: 'application', id: 'of-this-test' });
          expect((body as { message: string }).message).to.include(message);
        }
      }
      expect(lines.filter(({ level }) => level === 'error')).to.have.length(3 * failures.length);
      expect((await call(at('/api/registry/livez'))).status, 'needs no caller').to.equal(200);
    });

    it('answers at once when a body parser of the application has read the body, and says what to do', async () => {
      await exportStock();
      for (const address of ['/api/notes/rows', '/api/stock/rows', '/api/tools']) {
        const { status, headers, body } = await call(at(address), json({ name: 'x' }, { 'x-parsed': '1' }));
        expect([status, headers.get('content-type')], address).to.deep.equal([
          500,
          'application/problem+json; charset=utf-8',
        ]);
        expect(body).to.include({ code: 'body-already-read', instance: address });
        expect((body as { detail: string }).detail).to.include('app.use(platform.router) first');
      }
      const unread = await call(at('/api/stock/rows'), {
        ...json('', { 'x-parsed': '1', 'content-type': 'text/plain' }),
        body: 'not read by a parser of JSON',
      });
      expect(unread.body[0]).to.include({ bytes: 28 });
      expect((await call(at('/api/notes/rows'), { headers: { 'x-parsed': '1' } })).status).to.equal(200);
    });

    it('refuses a mount below a path', async () => {
      const { status, body } = await call(at('/below/api/tools'));
      expect([status, body.of]).to.deep.equal([500, 'application']);
      expect(body.message).to.match(/mounted below \/below.* Mount it with app\.use\(platform\.router\)/);
      expect((await call(at('/below/elsewhere'))).status).to.equal(404);
    });

    it('streams to the service of an exported tool, with a token for it in place of the session', async () => {
      await exportStock();
      const response = await fetch(at('/api/tools/stock/rows?a[]=1'), {
        method: 'POST',
        body: new ReadableStream({
          async start(controller) {
            controller.enqueue(Buffer.from('first'));
            await new Promise((resolve) => (release = resolve));
            controller.enqueue(Buffer.from('second'));
            controller.close();
          },
        }),
        duplex: 'half',
        headers: { 'x-forwarded-for': '203.0.113.9, 10.1.2.3' },
      });
      const reader = response.body!.getReader();
      expect(Buffer.from((await reader.read()).value).toString(), 'before the body has ended').to.equal('[');
      release(undefined);
      let rest = '';
      for (let part = await reader.read(); !part.done; part = await reader.read())
        rest += Buffer.from(part.value).toString();
      const [arrived] = JSON.parse(`[${rest}`) as [{ authorization: string; from: string }];
      expect(arrived).to.deep.include({ url: '/api/stock/rows?a[]=1', bytes: 11, cookie: null });
      expect(arrived.from, 'by the proxies that the application trusts').to.equal('203.0.113.9');
      const { sub, aud, scope, exp } = decodeJwt(arrived.authorization.replace('Bearer ', ''));
      expect({ sub, aud, scope }).to.deep.equal({ sub: 'sam', aud: 'tool:stock', scope: 'rows:read' });
      expect(exp).to.be.greaterThan(Date.now() / 1_000);
      const exchanged = await call(at('/api/session/token?tool=stock'));
      expect(decodeJwt((exchanged.body as { accessToken: string }).accessToken).sub).to.equal('sam');
    });
    let release: (value: undefined) => void = () => undefined;

    it('shows tools no cookie of the application, and lets them set none', async () => {
      await exportStock();
      const headers = { cookie: 'sid=secret; other=1' };
      const [tool, exported] = [
        await call(at('/api/slow/cookies'), { headers }),
        await call(at('/api/stock/cookies'), { headers }),
      ];
      expect([tool.body, exported.body[0].cookie]).to.deep.equal([null, null]);
      for (const answer of [tool, exported]) expect(answer.headers.getSetCookie()).to.deep.equal([]);
    });

    it('lets no service take a visitor for the developer of this machine', async () => {
      await exportStock();
      authenticate = () => null;
      const { body } = await call(at('/api/stock/rows'));
      expect((body as { authorization: string }[])[0]?.authorization).to.equal(
        'Bearer rejected-by-the-platform',
      );
      expect((await call(at('/api/notes/rows'))).status).to.equal(401);
    });

    it('checks its own tokens itself, and asks the application about all others', async () => {
      const keys = openKeys(`${repository.root}/.platform`);
      const token = await issueToken(keys, { subject: 'cli', permissions: ['rows:read'], ttlSeconds: 60 });
      const asked: (string | undefined)[] = [];
      authenticate = ({ headers }) => {
        asked.push(headers.authorization);
        return headers.authorization === 'Bearer of-the-application' ? SAM : null;
      };
      const read = (authorization: string): Promise<Answer> =>
        call(at('/api/session'), { headers: { authorization } });
      expect((await read(`Bearer ${token}`)).body.principal.subject).to.equal('cli');
      expect(asked).to.deep.equal([]);
      expect((await read('Bearer of-the-application')).body.principal.subject).to.equal('sam');
      expect((await call(at('/api/notes/rows'), { headers: { authorization: 'Bearer x' } })).status).to.equal(
        401,
      );
      expect(asked).to.deep.equal(['Bearer of-the-application', 'Bearer x']);
    });

    it('lets a user of the application change data at the name of its host', async () => {
      const status = await new Promise((resolve, reject) => {
        const headers = {
          host: 'application.example',
          origin: 'http://application.example',
          'content-type': 'application/json',
        };
        httpRequest(at('/api/notes/rows'), { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once('error', reject)
          .end('{"name":"from afar"}');
      });
      expect(status).to.equal(201);
    });

    it('refuses options that it does not know or that are not valid, all at once', async () => {
      const refusal = async (given: object): Promise<string> =>
        openPlatform(given as Parameters<typeof openPlatform>[0]).then(
          () => 'opened',
          (error: unknown) => (error as Error).message,
        );
      const message = await refusal({ root: 7, databaseURL: 'x', authenticate: true, logger: { info() {} } });
      for (const problem of [
        'root must be of type string',
        'unknown option "databaseURL"',
        'authenticate must be of type function',
        'logger has no debug, warn, error',
      ])
        expect(message).to.include(problem);
      expect(await refusal({})).to.include('root is missing');
      expect(await refusal({ root: `${repository.root}/nowhere` })).to.include('it has no package.json');
      const misspelled = { root: repository.root, authenticate: undefined };
      expect(await refusal(misspelled)).to.include('authenticate is undefined');
      for (const wrong of [0, 70_000, 1.5, NaN])
        expect(await refusal({ root: repository.root, port: wrong })).to.include('number from 1 to 65535');
      const env = { PLATFORM_PORT: '0', GATEWAY_PORT: 'x', DATABASE_URL: 'mysql://db' };
      const environment = await refusal({ root: repository.root, env });
      expect(environment)
        .to.include('GATEWAY_PORT=x')
        .and.include('DATABASE_URL: must be a postgresql:// address');
      expect(await refusal({ root: repository.root, env: { PLATFORM_PORT: '0' } })).to.include(
        'PLATFORM_PORT is 0',
      );
      expect(await refusal(options()), 'a second one').to.include('already running');
    });

    it('warns when the application listens on another port than it has named', async () => {
      const other = await freePort();
      const second = host().listen(other, '127.0.0.1');
      await once(second, 'listening');
      await call(`http://127.0.0.1:${other}/api/tools`);
      await call(`http://127.0.0.1:${other}/api/tools`);
      second.closeAllConnections();
      second.close();
      const warnings = lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
      expect(warnings).to.have.length(1);
      expect(warnings[0])
        .to.include(`listens on port ${other}`)
        .and.include(`on port ${port}. Pass its port`);
    });

    it('finishes requests, ends event streams and answers 503 when it is closed, which is safe to do twice', async () => {
      const job = '00000000-0000-4000-8000-000000000001';
      await db.query(`INSERT INTO export_jobs (id, tool_id) VALUES ($1, 'notes')`, [job]);
      const events = await fetch(at(`/api/tools/export/jobs/${job}/events`));
      expect(events.status).to.equal(200);
      const slow = call(at('/api/slow'));
      const done = events.text();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await Promise.all([platform.close(), platform.close()]);
      expect((await slow).body).to.equal('done');
      await done;
      const { status, body } = await call(at('/api/notes/rows'));
      expect([status, body.code]).to.deep.equal([503, 'stopping']);
      expect((await call(at('/elsewhere'))).status).to.equal(404);
      expect(handlersOfProcess()).to.deep.equal(handlers);
    });
  });

describe('the platform in an application that leaves the sign-in to it', () => {
  let repository: TestRepository;
  let platform: EmbeddedPlatform;
  let server: Server;

  before(async () => {
    repository = await makeRepository();
    await writeNotes(repository);
    const [port, databaseUrl] = [await freePort(), await createDatabase()];
    const env = { GATEWAY_PORT: '0', PLATFORM_GATEWAY: 'facade', PATH: process.env['PATH'] };
    platform = await openPlatform({ root: repository.root, port, databaseUrl, env, web: false });
    server = express5().use(platform.router).listen(port, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    await platform.close();
    server.closeAllConnections();
    server.close();
    await repository.remove();
  });

  it('takes callers on this machine for the developer, and signs users in, also through the gateway', async () => {
    for (const port of [platform.port, platform.gatewayPort]) {
      const url = `http://127.0.0.1:${port}`;
      expect((await call(`${url}/api/notes/rows`)).status).to.equal(200);
      const session = await signIn(url, ['rows:write']);
      expect(session.Cookie).to.include('platform_session=');
      expect((await call(`${url}/api/notes/rows`, { headers: session })).status).to.equal(403);
      expect((await call(`${url}/auth/sign-in`)).headers.get('location')).to.equal('/sign-in?to=%2Ftools');
    }
  });
});
