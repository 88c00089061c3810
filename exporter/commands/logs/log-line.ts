import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { LEVELS, LEVEL_NAMES, type LevelName } from './log-levels.ts';

/** One line of a service's log. */
export interface LogLine {
  /** Compose service or process that has written it, such as `crm-api-2`. */
  readonly instance: string;
  readonly level: number;
  /** Milliseconds since 1970; `null`: no line with a time came before. */
  readonly time: number | null;
  readonly requestId: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LineFilter {
  /** Milliseconds since 1970. */
  readonly since: number | null;
  readonly level: LevelName | null;
  readonly requestId: string | null;
}

/**
 * Parses a line. One that is no JSON object comes from the runtime, such as the stack of a crash: it counts as an error,
 * at the time of the line before it.
 *
 * @param source.lastTime time of the line before
 */
export function parseLine(
  text: string,
  { instance, lastTime }: { readonly instance: string; readonly lastTime: number | null },
): LogLine {
  const fields = objectIn(text);
  if (fields === null) {
    const made = { level: LEVELS.error, ...(lastTime === null ? {} : { time: lastTime }), msg: text };
    return { instance, level: LEVELS.error, time: lastTime, requestId: null, fields: made };
  }
  const { level, time, req, requestId } = fields;
  const id = requestId ?? (req as { id?: unknown } | null | undefined)?.id;
  return {
    instance,
    level: typeof level === 'number' ? level : LEVELS.info,
    time: typeof time === 'number' ? time : lastTime,
    requestId: typeof id === 'string' ? id : null,
    fields,
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

export function passes(line: LogLine, { since, level, requestId }: LineFilter): boolean {
  if (since !== null && line.time !== null && line.time < since) return false;
  if (level !== null && line.level < LEVELS[level]) return false;
  return requestId === null || line.requestId === requestId;
}

/** The line as JSON, with the instance that has written it. */
export const asJson = ({ instance, fields }: LogLine): string => JSON.stringify({ instance, ...fields });

/** `14:03:07.120 WARN  the message  GET /api/crm/items 500 12 ms  request 4f1c  [crm-api-2]`, and the stack of an error. */
export function asText(line: LogLine, options: { readonly showInstance: boolean }): string {
  const { fields, time, level, requestId, instance } = line;
  const clock = time === null ? '--:--:--.---' : new Date(time).toISOString().slice(11, 23);
  const parts = [
    `${pc.dim(clock)} ${levelText(level)} ${plain(fields['msg'])}`,
    requestText(fields),
    requestId === null ? '' : pc.dim(`request ${plain(requestId)}`),
    options.showInstance ? pc.dim(`[${instance}]`) : '',
  ].filter((part) => part !== '');
  const stack = (fields['err'] as { stack?: unknown } | null | undefined)?.stack;
  const trace = typeof stack === 'string' ? stack.split('\n').map((at) => `\n    ${plain(at)}`) : [];
  return parts.join('  ') + trace.join('');
}

const COLOURS: readonly (readonly [number, (text: string) => string])[] = [
  [LEVELS.error, pc.red],
  [LEVELS.warn, pc.yellow],
  [LEVELS.info, String],
  [0, pc.dim],
];

function levelText(level: number): string {
  const name = LEVEL_NAMES.findLast((one) => LEVELS[one] <= level) ?? 'trace';
  const [, colour] = COLOURS.find(([least]) => level >= least) ?? [0, String];
  return colour(name.toUpperCase().padEnd(5));
}

/** Method, path, status and duration of a request that the service has logged. */
function requestText({ req, res, responseTime }: LogLine['fields']): string {
  const { method, url } = (req ?? {}) as { method?: unknown; url?: unknown };
  if (typeof method !== 'string' || typeof url !== 'string') return '';
  const { statusCode } = (res ?? {}) as { statusCode?: unknown };
  const status = typeof statusCode === 'number' ? ` ${statusCode}` : '';
  const ms = typeof responseTime === 'number' ? ` ${Math.round(responseTime)} ms` : '';
  return plain(`${method} ${url}`) + status + ms;
}

/** A log may hold what a client has sent, such as escape sequences of a terminal. */
function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  // eslint-disable-next-line no-control-regex -- removes them
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
