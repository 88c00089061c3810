/**
 * Words of an address that libpq knows too (PostgreSQL manual, 34.1.2). Node's client has others, which would make a
 * subscription fail.
 */
const LIBPQ_WORDS = new Set([
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslcrl',
  'sslnegotiation',
  'sslsni',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'channel_binding',
  'connect_timeout',
  'gssencmode',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'options',
  'target_session_attrs',
  'tcp_user_timeout',
]);

/** A server that does not answer would hold up a worker for minutes otherwise. */
const CONNECT_TIMEOUT_SECONDS = '10';

/** What a client has connected with: the parts that the address leaves to the environment. */
export interface ClientDefaults {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | null;
}

/**
 * The connection string of a subscription, which the server of the other side reads: complete, and in libpq's words.
 * Files of certificates are read on that server.
 */
export function publisherAddress(
  url: string,
  client: ClientDefaults,
  environment = process.env['PGSSLMODE'],
): string {
  const at = new URL(url);
  const inUrl = [...at.searchParams].filter(([word]) => LIBPQ_WORDS.has(word));
  const mode = sslMode(at, environment);
  const words = new Map<string, string>([
    ['host', bareHost(at.hostname) || client.host],
    ['port', at.port || String(client.port)],
    ['dbname', decodeURIComponent(at.pathname.slice(1))],
    ['user', decodeURIComponent(at.username) || client.user],
    ['password', decodeURIComponent(at.password) || (client.password ?? '')],
    ['connect_timeout', CONNECT_TIMEOUT_SECONDS],
    ...inUrl.map(([word, value]): [string, string] => [word, value]),
    ...(mode === null ? [] : [['sslmode', mode] as [string, string]]),
  ]);
  return [...words]
    .filter(([, value]) => value !== '')
    .map(([word, value]) => `${word}='${value.replaceAll(/['\\]/g, '\\$&')}'`)
    .join(' ');
}

/** An IPv6 address without the brackets of a URL. */
const bareHost = (hostname: string): string => decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1');

/** `no-verify`, and `ssl` without a mode, are words of Node's client alone. */
function sslMode({ searchParams }: URL, environment: string | undefined): string | null {
  const mode = searchParams.get('sslmode') ?? environment;
  if (mode === 'no-verify') return 'require';
  if (mode !== undefined) return mode;
  const ssl = searchParams.get('ssl');
  if (ssl === null) return null;
  return ['0', 'false'].includes(ssl) ? 'disable' : 'require';
}
