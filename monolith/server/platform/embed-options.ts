import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseSettings, type Settings } from '../../../contracts/settings.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { HostUser } from './host-user.ts';
import type { PlatformLogger } from './logger.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A logger of pino, or any other with these methods. */
export interface HostLogger extends ToolLogger {
  /** Default: each line gets the fields itself. */
  child?(fields: object): ToolLogger;
}

export interface EmbedOptions {
  /** Folder of the workspace: `tools/` and `.platform/` are in it. */
  readonly root: string;
  /** Port on which the application listens for HTTP, on this machine. Default: `PLATFORM_PORT`, else 3000. */
  readonly port?: number;
  /** Default: `GATEWAY_PORT`, else 8080 or the next free port. */
  readonly gatewayPort?: number;
  /** A PostgreSQL of version 15 or newer. Default: `DATABASE_URL`, else the embedded one. */
  readonly databaseUrl?: string;
  /** Whether to build and serve the dashboard. Default: `PLATFORM_WEB`. */
  readonly web?: boolean;
  /**
   * Identifies the user of a request by the session of the application; `null` for a visitor who is not signed in. It sees
   * the request as the handlers of the application do. What it throws goes to the application's error handler. Default:
   * users sign in at the platform.
   */
  authenticate?(request: IncomingMessage): HostUser | null | Promise<HostUser | null>;
  /** Default: nothing is logged. */
  readonly logger?: HostLogger;
  /** Settings, and variables that tools declare. Options above come first. Default: that of the process. */
  readonly env?: Environment;
}

export interface ParsedOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly env: Environment;
  readonly logger: PlatformLogger;
  readonly authenticate: ((request: IncomingMessage) => unknown) | undefined;
}

const KINDS: Readonly<Record<keyof EmbedOptions, string>> = {
  root: 'string',
  port: 'number',
  gatewayPort: 'number',
  databaseUrl: 'string',
  web: 'boolean',
  authenticate: 'function',
  logger: 'object',
  env: 'object',
};

/**
 * @throws PlatformError `options-invalid` with every problem of the options.
 * @throws SettingsError with every problem of the environment and of the options that replace its variables.
 */
export function parseEmbedOptions(options: EmbedOptions): ParsedOptions {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const problems = problemsOf(given);
  if (problems.length > 0)
    throw new PlatformError('options-invalid', `openPlatform: ${problems.join('; ')}.`);
  const { port, gatewayPort, databaseUrl, web, env = process.env } = options;
  const over: Environment = {
    ...env,
    ...(port !== undefined && { PLATFORM_PORT: String(port) }),
    ...(gatewayPort !== undefined && { GATEWAY_PORT: String(gatewayPort) }),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...(web !== undefined && { PLATFORM_WEB: web ? 'auto' : 'off' }),
  };
  const settings = parseSettings(over);
  if (settings.port === 0)
    throw new PlatformError('options-invalid', `openPlatform: PLATFORM_PORT is 0. ${NAME_THE_PORT}`);
  return {
    root: path.resolve(options.root),
    settings,
    env: over,
    logger: loggerOf(options.logger),
    authenticate: options.authenticate?.bind(options),
  };
}

function problemsOf(given: Readonly<Record<string, unknown>>): readonly string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(KINDS, name))
      problems.push(`unknown option "${name}"; known are ${Object.keys(KINDS).join(', ')}`);
    else if (value !== undefined && !isOf(KINDS[name as keyof EmbedOptions], value))
      problems.push(`${name} must be of type ${KINDS[name as keyof EmbedOptions]}`);
  }
  const { root, logger, port, gatewayPort } = given;
  // A misspelled name of the application's function must not let its visitors in
  if ('authenticate' in given && given['authenticate'] === undefined)
    problems.push('authenticate is undefined; leave it out where users sign in at the platform');
  if (typeof port === 'number' && !isPort(port, 1))
    problems.push(`port must be a whole number from 1 to 65535. ${NAME_THE_PORT}`);
  if (typeof gatewayPort === 'number' && !isPort(gatewayPort, 0))
    problems.push('gatewayPort must be a whole number from 0 to 65535');
  if (root === undefined) problems.push('root is missing: the folder of the workspace');
  else if (typeof root === 'string' && !existsSync(path.resolve(root, 'package.json')))
    problems.push(`root ${path.resolve(root)} is no workspace: it has no package.json`);
  const missing = LEVELS.filter(
    (level) => typeof (logger as Partial<HostLogger> | undefined)?.[level] !== 'function',
  );
  if (logger !== undefined && isOf('object', logger) && missing.length > 0)
    problems.push(`logger has no ${missing.join(', ')}`);
  return problems;
}

const NAME_THE_PORT = 'The gateway, services and commands must know where the application listens';

const isPort = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least && value <= 65_535;

const isOf = (kind: string, value: unknown): boolean => typeof value === kind && value !== null;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

function loggerOf(logger: HostLogger | undefined): PlatformLogger {
  if (logger === undefined) return { ...SILENT, child: () => SILENT };
  return Object.assign(withFields(logger, {}), {
    child: (fields: object) => logger.child?.(fields) ?? withFields(logger, fields),
  });
}

const ignore = (): void => undefined;
const SILENT: ToolLogger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Calls the methods on the logger itself, whose level may change. */
function withFields(logger: ToolLogger, fields: object): ToolLogger {
  const at =
    (level: (typeof LEVELS)[number]): ToolLogger['info'] =>
    (more, message) =>
      logger[level]({ ...fields, ...more }, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
