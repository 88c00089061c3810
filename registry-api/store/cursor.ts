import { PlatformError } from '../../contracts/errors.ts';

/**
 * A cursor is opaque to clients: the order it belongs to, the sort value and the id of the last row seen.
 */
export function writeCursor(sort: string, value: string, id: string): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** @throws PlatformError `bad-request` for a cursor that {@link writeCursor} did not write for this order. */
export function readCursor(
  cursor: string,
  sort: string,
  type: 'text' | 'timestamptz' = 'text',
): readonly [value: string, id: string] {
  const parsed = parse(cursor);
  if (Array.isArray(parsed) && parsed.length === 3) {
    const [of, value, id] = parsed as unknown[];
    if (of === sort && isText(value) && isText(id) && (type === 'text' || isTimestamp(value)))
      return [value, id];
  }
  throw badCursor(` ordered by ${sort}`);
}

/** The refusal of a cursor that this list has not returned. */
export function badCursor(order = ''): PlatformError {
  const message = `is not a cursor of this list${order}. Repeat the request without it.`;
  return new PlatformError('bad-request', `cursor ${message}`, {
    errors: [{ pointer: '/query/cursor', message }],
  });
}

// PostgreSQL cannot store NUL in text
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

/** The format of PostgreSQL: `2026-11-23 05:00:00.123456+00`. */
const isTimestamp = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?[+-]\d{2}(:?\d{2})?$/.test(value) &&
  !Number.isNaN(Date.parse(value.slice(0, 19).replace(' ', 'T')));

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
