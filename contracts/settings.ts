import { parseNetwork } from './networks.ts';

/** All settings from the environment, read once per process by {@link parseSettings}. */
export interface Settings {
  /** `development` lets loopback callers write without a token; `production` never does. */
  readonly mode: 'development' | 'production';
  readonly host: string;
  /** Platform and registry API. */
  readonly port: number;
  readonly gatewayPort: number;
  /** Dashboard in development (`npm run dev`). */
  readonly webPort: number;
  /** First port of exported services. */
  readonly servicePortFrom: number;
  /** First port of service databases (docker runtime). */
  readonly databasePortFrom: number;
  /** Ports set explicitly: if one is in use, no other port replaces it. */
  readonly fixedPorts?: readonly string[];
  /** PostgreSQL 15 or newer; `null`: the embedded one. */
  readonly databaseUrl: string | null;
  /** State folder: absolute, or relative to the repository. */
  readonly stateDir: string;
  /** Build cache folder: absolute, or relative to the state folder; `null`: no cache. */
  readonly buildCache?: string | null;
  /** Timeout of a health check in seconds; default 30. */
  readonly healthTimeout?: number;
  /** Most memory of a tool's process in MiB. */
  readonly toolMemory?: number;
  /** Seconds without a request after which an idle tool's process is stopped. */
  readonly toolIdle?: number;
  /** Seconds after which an export whose process has died is rolled back; `null`: never. */
  readonly rollbackAbandoned?: number | null;
  readonly gateway: 'auto' | 'nginx' | 'facade';
  /** `off`: the platform does not build or serve the dashboard; all APIs work. */
  readonly web: 'auto' | 'off';
  /** Addresses and CIDR ranges of proxies in front of the gateway whose `X-Forwarded-*` headers count. */
  readonly trustedProxies?: readonly string[];
  /** Where the gateway ends TLS itself, in addition to its plain port on loopback; `null`: nowhere. */
  readonly gatewayTls?: GatewayTls | null;
  /** Addresses and CIDR ranges outside the public internet to which webhooks may be delivered. */
  readonly webhookNetworks?: readonly string[];
  readonly images: { readonly node: string; readonly postgres: string; readonly nginx: string };
  /** External OpenID Connect issuer whose tokens are accepted too; `null`: none. */
  readonly oidcIssuer: string | null;
  /** OpenID Connect client of the dashboard; `secret` is `null` for a public client. */
  readonly oidcClient?: { readonly id: string; readonly secret: string | null };
  /** Bearer token that commands send to the platform; `null`: none. A secret. */
  readonly token?: string | null;
  readonly logLevel: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
}

/** Base images of every container, unless a setting names others. */
export const DEFAULT_IMAGES = {
  node: 'node:24-bookworm-slim',
  postgres: 'postgres:18',
  nginx: 'nginx:1.28',
} as const;
export const DEFAULT_TOOL_MEMORY_MB = 512;
export const DEFAULT_TOOL_IDLE_SECONDS = 300;
export interface GatewayTls {
  /** PEM files: absolute, or relative to the repository. */
  readonly certificate: string;
  readonly key: string;
  readonly port: number;
}

/** Lists every invalid variable. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(problems: readonly string[]) {
    super(`The environment is not valid:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws SettingsError with every problem. */
export function parseSettings(env: Env): Settings {
  const problems: string[] = [];
  const fixedPorts: string[] = [];
  const port = (name: string, fallback: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    fixedPorts.push(name);
    if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
    problems.push(`${name}=${text}: must be a port, 0 to 65535`);
    return fallback;
  };
  const wholeNumber = (
    name: string,
    fallback: number,
    { unit, min, max }: { readonly unit: string; readonly min: number; readonly max: number },
  ): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name}=${text}: must be a whole number of ${unit}, ${min} to ${max}`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    if ((values as readonly string[]).includes(text)) return text as T;
    problems.push(`${name}=${text}: must be one of ${values.join(', ')}`);
    return fallback;
  };
  const settings: Settings = {
    mode: oneOf(
      'PLATFORM_MODE',
      ['development', 'production'],
      env['NODE_ENV'] === 'production' ? 'production' : 'development',
    ),
    host: env['PLATFORM_HOST'] ?? '127.0.0.1',
    port: port('PLATFORM_PORT', 3000),
    gatewayPort: port('GATEWAY_PORT', 8080),
    webPort: port('WEB_PORT', 4200),
    servicePortFrom: port('SERVICE_PORT_FROM', 3004),
    databasePortFrom: port('DATABASE_PORT_FROM', 5436),
    fixedPorts,
    databaseUrl: databaseUrl(env, problems),
    stateDir: env['PLATFORM_STATE_DIR'] ?? '.platform',
    buildCache:
      env['PLATFORM_BUILD_CACHE'] === 'off' ? null : (env['PLATFORM_BUILD_CACHE'] ?? 'cache/builds'),
    healthTimeout: wholeNumber('PLATFORM_HEALTH_TIMEOUT', 30, { unit: 'seconds', min: 1, max: 3600 }),
    toolMemory: wholeNumber('PLATFORM_TOOL_MEMORY', DEFAULT_TOOL_MEMORY_MB, {
      unit: 'MiB',
      min: 128,
      max: 65_536,
    }),
    toolIdle: wholeNumber('PLATFORM_TOOL_IDLE', DEFAULT_TOOL_IDLE_SECONDS, {
      unit: 'seconds',
      min: 1,
      max: 86_400,
    }),
    rollbackAbandoned:
      env['PLATFORM_ROLLBACK_ABANDONED'] === 'off'
        ? null
        : wholeNumber('PLATFORM_ROLLBACK_ABANDONED', 15, { unit: 'seconds', min: 1, max: 86_400 }),
    gateway: oneOf('PLATFORM_GATEWAY', ['auto', 'nginx', 'facade'], 'auto'),
    web: oneOf('PLATFORM_WEB', ['auto', 'off'], 'auto'),
    trustedProxies: networks('PLATFORM_TRUSTED_PROXIES', env, problems),
    gatewayTls: gatewayTls(env, port('GATEWAY_TLS_PORT', 8443), problems),
    webhookNetworks: networks('PLATFORM_WEBHOOK_NETWORKS', env, problems),
    images: {
      node: env['PLATFORM_NODE_IMAGE'] ?? DEFAULT_IMAGES.node,
      postgres: env['PLATFORM_POSTGRES_IMAGE'] ?? DEFAULT_IMAGES.postgres,
      nginx: env['PLATFORM_NGINX_IMAGE'] ?? DEFAULT_IMAGES.nginx,
    },
    oidcIssuer: env['OIDC_ISSUER'] ?? null,
    oidcClient: {
      id: env['OIDC_CLIENT_ID'] ?? 'generator-platform',
      secret: env['OIDC_CLIENT_SECRET'] ?? null,
    },
    token: token(env, problems),
    logLevel: oneOf('LOG_LEVEL', ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'info'),
  };
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function networks(name: string, env: Env, problems: string[]): readonly string[] {
  const listed = (env[name] ?? '').split(/[\s,]+/).filter((network) => network !== '');
  for (const network of listed)
    if (parseNetwork(network) === null)
      problems.push(`${name}=${network}: must be an IP address or a range such as 10.0.0.0/8`);
  return listed;
}

function gatewayTls(env: Env, port: number, problems: string[]): GatewayTls | null {
  const certificate = env['GATEWAY_TLS_CERTIFICATE'] ?? '';
  const key = env['GATEWAY_TLS_KEY'] ?? '';
  if (certificate !== '' && key !== '') return { certificate, key, port };
  if (certificate !== '' || key !== '')
    problems.push('GATEWAY_TLS_CERTIFICATE and GATEWAY_TLS_KEY: both are needed, or neither');
  return null;
}

function token(env: Env, problems: string[]): string | null {
  const text = env['PLATFORM_TOKEN'] ?? '';
  // RFC 6750, 2.1: the only characters allowed in the header
  if (text === '' || /^[A-Za-z0-9._~+/-]+=*$/.test(text)) return text === '' ? null : text;
  problems.push('PLATFORM_TOKEN: must be a bearer token, as npm run token prints it'); // never print the token
  return null;
}

function databaseUrl(env: Env, problems: string[]): string | null {
  const text = env['DATABASE_URL'];
  if (text === undefined || text === '') return null;
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text;
  problems.push('DATABASE_URL: must be a postgresql:// address'); // never print the value, which may contain a password
  return null;
}
