import { mkdirSync } from 'node:fs';
import path from 'node:path';
import pino, { type Logger } from 'pino';
import type { Settings } from '../../../contracts/settings.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { REDACTED } from '../../../registry-api/http/request-log.ts';

/** What the platform needs of a logger, such as pino's. */
export interface PlatformLogger extends ToolLogger {
  /** A logger that adds the fields to each line. */
  child(fields: object): ToolLogger;
}

export interface LoggerOptions {
  readonly settings: Settings;
  /** Absolute. */
  readonly logs: string;
  /** Terminal: shows warnings and errors as plain text in development. */
  readonly print: (line: string) => void;
}

/** Logs JSON lines: to stdout in production, to `platform.log` in development, where the terminal is for people. */
export function createLogger({ settings, logs, print }: LoggerOptions): Logger {
  const options = { level: settings.logLevel, redact: REDACTED, base: { pid: process.pid } };
  if (settings.mode === 'production') return pino(options);
  mkdirSync(logs, { recursive: true });
  return pino(
    options,
    pino.multistream([
      {
        level: 'trace',
        stream: pino.destination({ dest: path.join(logs, 'platform.log'), append: true, sync: false }),
      },
      { level: 'warn', stream: { write: (line: string) => print(inWords(line)) } },
    ]),
  );
}

function inWords(line: string): string {
  const { level, msg, tool, err } = JSON.parse(line) as {
    level: number;
    msg?: string;
    tool?: string;
    err?: { message?: string };
  };
  const about = tool === undefined ? '' : `${tool}: `;
  const cause = err?.message !== undefined && !(msg ?? '').includes(err.message) ? ` (${err.message})` : '';
  return `${level >= 50 ? 'Error' : 'Warning'}: ${about}${msg ?? ''}${cause}`;
}
