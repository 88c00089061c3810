import { gzipSync } from 'node:zlib';

/** One or more raw requests over one connection. */
export interface RawRequest {
  readonly name: string;
  /** Methods of the requests, whose answers are awaited. */
  readonly methods: readonly string[];
  /** The bytes for one address of the tool. */
  readonly bytesAt: (address: { readonly base: string; readonly port: number }) => Buffer;
  /** At the tool's base path itself, where `/api/tools/<id>` is an address of the registry. */
  readonly isRoot: boolean;
  /** Whether the tool breaks off without an answer: its caller gets none, or a problem of the host in between. */
  readonly isBroken: boolean;
  /** Whether the first answer may come before the end of its body: nginx then closes the connection behind it. */
  readonly isEarly: boolean;
  /** Status with which nginx refuses the request, which it parses before any host sees it. */
  readonly nginx?: { readonly status: number };
}

interface Parts {
  readonly method?: string;
  /** Below the tool's base path, or a whole request target. */
  readonly path?: string;
  readonly target?: string;
  readonly version?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  /** Headers that every request has, but not this one. */
  readonly without?: readonly string[];
  readonly nginx?: RawRequest['nginx'];
}

/** The bytes of one request, by default the last one of its connection. */
function bytesOf(
  parts: Parts,
  { base, port }: Parameters<RawRequest['bytesAt']>[0],
  { last = true } = {},
): Buffer {
  const { method = 'GET', path = '', target = `$base${path}`, version = '1.1', body, without = [] } = parts;
  const own = parts.headers ?? [];
  const has = (name: string): boolean => own.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const length = body === undefined || has('transfer-encoding') || has('content-length');
  const lines = [
    'Host: $host',
    'X-Request-Id: parity-1',
    ...(last ? ['Connection: close'] : []),
    ...(length ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ].filter(
    (line) =>
      !has(line.split(':', 1)[0]?.toLowerCase() ?? '') && !without.some((name) => line.startsWith(name)),
  );
  const head = [`${method} ${target} HTTP/${version}`, ...lines, ...own, '', ''].join('\r\n');
  const addressed = head.replaceAll('$base', base).replaceAll('$host', `127.0.0.1:${port}`);
  return Buffer.concat([Buffer.from(addressed, 'latin1'), Buffer.from(body ?? '')]);
}

const one = (name: string, parts: Parts): RawRequest => ({
  name,
  methods: [parts.method ?? 'GET'],
  bytesAt: (address) => bytesOf(parts, address),
  isBroken: parts.path === '/odd/none',
  isEarly: false,
  isRoot: /^\/*(\?|$)/.test(parts.target ?? parts.path ?? ''),
  ...(parts.nginx === undefined ? {} : { nginx: parts.nginx }),
});

const many = (name: string, ...all: readonly Parts[]): RawRequest => ({
  name,
  methods: all.map(({ method = 'GET' }) => method),
  isBroken: false,
  isEarly: all.some(({ body = '' }) => body.length > 100_000),
  isRoot: false,
  bytesAt: (address) =>
    Buffer.concat(all.map((parts, i) => bytesOf(parts, address, { last: i === all.length - 1 }))),
});

const JSON_TYPE = 'Content-Type: application/json';
const chunks = (...parts: readonly string[]): string =>
  [...parts, ''].map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('');

const PATHS = [
  ...[
    '',
    '/',
    '?',
    '?a=1&a=2&b[]=3&c=%20+x',
    '//',
    '/items',
    '/items/',
    '/items?limit=2&offset=1',
    '/ITEMS?limit=1',
  ],
  ...[
    '/items/00000000-0000-4000-8000-000000000000',
    '/items/not-an-id',
    '/nowhere',
    '/nowhere/at/all?x=1',
    '/odd',
  ],
  ...[
    '/odd/@me',
    '/odd/%40me',
    '/odd/items/$count',
    '/odd/items/%24count',
    '/odd/a,b',
    '/odd/a%2Cb',
    '/odd/a,b/',
  ],
  ...[
    '/odd/files/a',
    '/odd/files/a/b/c.txt',
    '/odd/files/',
    '/odd/files/a//b',
    '/odd/files/a%2Fb',
    '/odd/files/%2e%2e',
  ],
  ...[
    '/odd/files/index.html',
    '/odd/files/main-ABCDEFGH.js',
    '/odd/files/x.php',
    '/odd/files/.env',
    '/odd/files/a;v=1',
  ],
  ...[
    '/odd/echo/plain',
    '/odd/echo/%C3%BC',
    '/odd/echo/a%20b',
    '/odd/echo/a+b',
    '/odd/echo/%252F',
    '/odd/echo/a%2Fb',
  ],
  ...[
    "/odd/echo/it's",
    '/odd/echo/(x)',
    '/odd/echo/a|b',
    '/odd/echo/^',
    '/odd/echo/{x}',
    '/odd/echo/~a',
    '/odd/echo/a:b',
  ],
  ...[
    '/odd/echo/x?q=%',
    '/odd/echo/x?q=%C3',
    '/odd/echo/x?a=1;b=2',
    '/odd/echo/x?__proto__[a]=1',
    '/odd/echo/x?a[b][c]=1',
  ],
  ...[
    '/odd/echo/x?%00',
    '/odd/echo/x??',
    '/odd/echo/x?a=b?c=d',
    '/odd/echo/x?a=/../b',
    '/odd/echo/x?url=http://a/b//c',
  ],
  ...[
    '/odd/echo/x/',
    '/odd/echo//x',
    '/odd//echo/x',
    '/odd/./echo/x',
    '/odd/echo/./x',
    '/odd/files/a/./b',
    '/odd/ECHO/x',
  ],
  ...[
    '/odd/stream',
    '/odd/events',
    '/odd/large/0',
    '/odd/large/1000',
    '/odd/large/70000',
    '/odd/large/2000000',
  ],
  ...[
    '/odd/moved',
    '/odd/headers',
    '/odd/cookies',
    '/odd/gzip',
    '/odd/closing',
    '/odd/guarded',
    '/odd/half',
    '/odd/none',
  ],
];
const STATUSES = [
  200, 201, 202, 203, 204, 205, 206, 301, 304, 400, 401, 403, 404, 405, 409, 410, 413, 414, 418, 422,
];
const LATER_STATUSES = [429, 431, 451, 500, 501, 502, 503, 504, 505, 507, 511, 599];
const FAULTS = ['problem', 'platform', 'file', 'refused', 'error', 'slow', 'teapot', 'none'];

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'no headers of its own': [],
  'accepts JSON': ['Accept: application/json'],
  'a repeated header': ['X-One: 1', 'X-One: 2'],
  'an empty header': ['X-One:'],
  'a long header': [`X-One: ${'x'.repeat(6_000)}`],
  'header bytes beyond ASCII': ['X-One: \xe4\xf6\xfc'],
  'forged forwarded headers': [
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-For: 1.2.3.4',
  ],
  'a forwarded header': ['Forwarded: for=1.2.3.4;proto=https;host=evil.example'],
  cookies: ['Cookie: a=1; b=2'],
  'a cookie without a value': ['Cookie: a'],
  TE: ['TE: trailers'],
  'an upgrade to an unknown protocol': ['Upgrade: h2c', 'Connection: close, Upgrade'],
  'a content type without a body': [JSON_TYPE],
  Expect: ['Content-Length: 0', 'Expect: 100-continue'],
  'a matching ETag': ['If-None-Match: W/"odd"'],
  'a star for an ETag': ['If-None-Match: *'],
  'a range': ['Range: bytes=0-3'],
  'a malformed token': ['Authorization: Bearer not.a.token'],
  'a scheme that is not Bearer': ['Authorization: Basic YTpi'],
  'a foreign origin': ['Origin: https://evil.example'],
};

const JSON_BODIES: Readonly<Record<string, string>> = {
  'an object': '{"a":1}',
  'spaces and umlauts': ' {"ü" : "ß"}\n',
  'a list': '[1,2]',
  nothing: '',
  'half an object': '{"a":',
  'a bare string': '"x"',
  'a prototype': '{"__proto__":{"a":1},"constructor":1}',
  'a NUL': '{"a":"\\u0000"}',
  'a byte order mark': '\ufeff{"a":1}',
  '200 KiB': JSON.stringify({ a: 'x'.repeat(200_000) }),
  '300 KB': JSON.stringify({ a: 'x'.repeat(300_000) }),
};

const TYPES = [
  ...[
    'application/json; charset=utf-8',
    'application/json; charset=latin1',
    'application/json;charset="UTF-8"',
  ],
  ...[
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'nonsense',
  ],
  ...['multipart/form-data; boundary=x', 'application/octet-stream'],
];

const BODY_ROUTES = [
  '/raw',
  '/text',
  '/form',
  '/limited',
  '/count',
  '/unread/404',
  '/unread/401',
  '/some',
  '/body',
];
const MB = 1_000_000;

/** Requests of every kind, most of them odd. */
export const PARITY_REQUESTS: readonly RawRequest[] = [
  ...PATHS.map((path) => one(`GET ${path}`, { path })),
  ...[
    '/odd/echo/x',
    '/odd/headers',
    '/odd/stream',
    '/odd/gzip',
    '/items',
    '/nowhere',
    '/odd/throw/problem',
  ].flatMap((path) =>
    ['HEAD', 'OPTIONS', 'DELETE', 'PROPFIND'].map((method) => one(`${method} ${path}`, { method, path })),
  ),
  ...[...STATUSES, ...LATER_STATUSES].map((code) => one(`status ${code}`, { path: `/odd/status/${code}` })),
  ...FAULTS.map((kind) => one(`fault ${kind}`, { path: `/odd/throw/${kind}` })),
  ...Object.entries(HEADERS).map(([name, headers]) =>
    one(`GET with ${name}`, { path: '/odd/echo/x', headers }),
  ),
  one('GET with a matching ETag where there is one', {
    path: '/odd/headers',
    headers: ['If-None-Match: W/"odd"'],
  }),
  one('GET /guarded with a malformed token', {
    path: '/odd/guarded',
    headers: ['Authorization: Bearer not.a.token'],
  }),
  ...Object.entries(JSON_BODIES).flatMap(([name, body]) =>
    ['/body', '/raw', '/limited'].map((route) =>
      one(`POST ${name} to ${route}`, { method: 'POST', path: `/odd${route}`, headers: [JSON_TYPE], body }),
    ),
  ),
  ...['PUT', 'PATCH', 'DELETE'].map((method) =>
    one(`${method} with a body`, { method, path: '/odd/body', headers: [JSON_TYPE], body: '{"a":1}' }),
  ),
  ...TYPES.flatMap((type) =>
    ['/body', '/form'].map((route) =>
      one(`POST ${type} to ${route}`, {
        method: 'POST',
        path: `/odd${route}`,
        headers: [`Content-Type: ${type}`],
        body: type.includes('form') ? 'a=1&b=2' : '{"a":1}',
      }),
    ),
  ),
  ...BODY_ROUTES.flatMap((route) => [
    one(`POST 2 MB to ${route}`, large(route, 2 * MB)),
    one(`POST 2 MB in chunks to ${route}`, {
      method: 'POST',
      path: `/odd${route}`,
      headers: ['Content-Type: application/octet-stream', 'Transfer-Encoding: chunked'],
      body: chunks('x'.repeat(MB), 'y'.repeat(MB)),
    }),
    one(`POST small chunks to ${route}`, {
      method: 'POST',
      path: `/odd${route}`,
      headers: [JSON_TYPE, 'Transfer-Encoding: chunked'],
      body: chunks('{"a"', ':1', '}'),
    }),
  ]),
  ...['/count', '/unread/404', '/raw'].map((route) => one(`POST 20 MB to ${route}`, large(route, 20 * MB))),
  one('GET 20 MB', { path: '/odd/large/20000000' }),
  one('POST packed JSON', {
    method: 'POST',
    path: '/odd/body',
    headers: [JSON_TYPE, 'Content-Encoding: gzip'],
    body: gzipSync('{"a":1}'),
  }),
  one('POST JSON that is packed in an unknown way', {
    method: 'POST',
    path: '/odd/body',
    headers: [JSON_TYPE, 'Content-Encoding: odd'],
    body: '{"a":1}',
  }),
  one('POST with Expect: 100-continue', {
    method: 'POST',
    path: '/odd/body',
    headers: [JSON_TYPE, 'Expect: 100-continue'],
    body: '{"a":1}',
  }),
  ...['Origin: https://evil.example', 'Origin: null', 'Sec-Fetch-Site: cross-site', 'Host: evil.example'].map(
    (header) =>
      one(`POST with ${header}`, {
        method: 'POST',
        path: '/odd/body',
        headers: [JSON_TYPE, header],
        body: '{"a":1}',
      }),
  ),
  ...[
    '',
    '/odd/@me',
    '/odd/stream',
    '/odd/headers',
    '/odd/throw/problem',
    '/odd/large/70000',
    '/nowhere',
  ].map((path) => one(`HTTP/1.0 GET ${path}`, { path, version: '1.0' })),
  ...[
    '/odd/echo/%',
    '/odd/echo/%zz',
    '/odd/echo/%E0%A4%A',
    '/odd/echo/a%00b',
    '/odd/echo/x#y',
    '/odd/../items?limit=1',
  ].map((path) => one(`GET ${path}, which is not quite an address`, { path, nginx: { status: 400 } })),
  ...['/%2e%2e/x', '/odd/%2e/echo/x', '/odd/echo/..', '/odd/echo/\xfc', `/odd/echo/${'x'.repeat(7_000)}`].map(
    (path) => one(`GET ${path.slice(0, 20)}, which is hardly an address`, { path }),
  ),
  ...[
    '/items?limit=1',
    '/odd/@me',
    '/odd/headers',
    '/odd/stream',
    '/odd/throw/problem',
    '/odd/large/70000',
  ].map((path) => one(`GET ${path}, packed`, { path, headers: ['Accept-Encoding: gzip, br'] })),
  one('GET with two hosts', {
    path: '/odd/@me',
    headers: ['Host: $host', 'Host: evil.example'],
    nginx: { status: 400 },
  }),
  one('GET with a long cookie', { path: '/odd/@me', headers: [`Cookie: a=${'x'.repeat(12_000)}`] }),
  one('TRACE /odd/@me', { method: 'TRACE', path: '/odd/@me', nginx: { status: 405 } }),
  ...['LINK', 'SEARCH', 'M-SEARCH', 'QUERY', 'PURGE', 'REPORT'].map((method) =>
    one(`${method} /odd/@me`, { method, path: '/odd/@me' }),
  ),
  ...['GET', 'HEAD', 'DELETE'].map((method) =>
    one(`${method} with a body that no route reads`, {
      method,
      path: '/odd/@me',
      headers: [JSON_TYPE],
      body: '{"a":1}',
    }),
  ),
  many('two requests at once', { path: '/odd/@me' }, { path: '/odd/a,b' }),
  many(
    'a request behind a body that is not read',
    {
      method: 'POST',
      path: '/odd/unread/404',
      headers: ['Content-Type: text/plain'],
      body: 'x'.repeat(300_000),
    },
    { path: '/odd/@me' },
  ),
  many(
    'a request behind a body that is refused',
    {
      method: 'POST',
      path: '/odd/body',
      headers: [JSON_TYPE],
      body: JSON.stringify({ a: 'x'.repeat(300_000) }),
    },
    { path: '/odd/@me' },
  ),
  many('five requests at once', ...Array.from({ length: 5 }, (_, i) => ({ path: `/odd/echo/${i}` }))),
  many('a request behind a HEAD', { method: 'HEAD', path: '/items' }, { path: '/odd/@me' }),
  many('a request behind a fault', { path: '/odd/throw/error' }, { path: '/odd/@me' }),
  many('a request behind a 304', { path: '/odd/status/304' }, { path: '/odd/@me' }),
  many('a request behind a stream', { path: '/odd/stream' }, { path: '/odd/@me' }),
];

function large(route: string, size: number): Parts {
  return {
    method: 'POST',
    path: `/odd${route}`,
    headers: ['Content-Type: application/octet-stream'],
    body: Buffer.alloc(size, 'parity'),
  };
}
