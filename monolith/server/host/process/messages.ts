import type pg from 'pg';
import type { Manifest } from '../../../../contracts/manifest.ts';
import type { ToolLogger } from '../../../../contracts/tool-context.ts';

/** Login of a tool's role: fields of `pg.ClientConfig` that can be sent to another process. */
export interface ToolLogin extends Pick<
  pg.ClientConfig,
  'host' | 'port' | 'user' | 'password' | 'database' | 'ssl' | 'options'
> {
  /** Whether the certificate of the server may name another host (sslmode `verify-ca`), a function in `ssl`. */
  readonly anyHost?: boolean;
}

/** Everything that a tool's process gets from the platform. */
export interface ToolStart {
  readonly type: 'start';
  /** Absolute paths. */
  readonly root: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly login: ToolLogin;
  /** The variables that the manifest declares. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly showDetails: boolean;
  /** Whether the tool may connect to this machine and its database only. */
  readonly offline: boolean;
  /** Whether a failure outside a request is reported and does not end the process. */
  readonly outlivesFailures: boolean;
  /** Value of {@link SECRET_HEADER} without which the process refuses a request. */
  readonly secret: string;
}

export type ToToolProcess = ToolStart | { readonly type: 'ping' } | { readonly type: 'stop' };

export type FromToolProcess =
  | { readonly type: 'ready'; readonly port: number }
  /** The tool failed: while it was loaded, or later outside a request. The process ends. */
  | { readonly type: 'failed'; readonly problem: string; readonly stack?: string }
  /** A failure outside a request, which the process outlives. */
  | { readonly type: 'outlived'; readonly failure: string }
  | {
      readonly type: 'log';
      readonly level: keyof ToolLogger;
      readonly fields: object;
      readonly message?: string;
    }
  | ({ readonly type: 'pong' } & ToolVitals);

/** State of a tool's process. */
export interface ToolVitals {
  /** Resident memory in bytes. */
  readonly memory: number;
  /** Whether the tool does work of its own, such as a timer, so that its process must not be stopped when idle. */
  readonly ownWork: boolean;
  /** Why the tool can answer no request until it is started anew; `null` when it can. */
  readonly stuck: string | null;
}

const LEVELS: readonly unknown[] = ['debug', 'info', 'warn', 'error'] satisfies (keyof ToolLogger)[];

/** A message of a tool's process; `null` for anything else that the tool's own code may have sent. */
export function parseFromTool(value: unknown): FromToolProcess | null {
  const message = (value ?? {}) as Record<string, unknown>;
  const { type, port, problem, failure, level, fields, memory, ownWork, stuck } = message;
  const optional = (name: string): boolean =>
    message[name] === undefined || typeof message[name] === 'string';
  const isValid =
    (type === 'ready' && Number.isInteger(port)) ||
    (type === 'failed' && typeof problem === 'string' && optional('stack')) ||
    (type === 'outlived' && typeof failure === 'string') ||
    (type === 'log' &&
      LEVELS.includes(level) &&
      typeof fields === 'object' &&
      fields !== null &&
      optional('message')) ||
    (type === 'pong' &&
      typeof memory === 'number' &&
      typeof ownWork === 'boolean' &&
      (stuck === null || typeof stuck === 'string'));
  return isValid ? (message as unknown as FromToolProcess) : null;
}

/** Only the platform knows the value: no other program of this machine may call the process. */
export const SECRET_HEADER = 'x-platform-secret';
/** The caller of the request, as the platform has identified it: base64url of the JSON of a `Caller`. */
export const CALLER_HEADER = 'x-platform-caller';
