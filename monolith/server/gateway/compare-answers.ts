/** An answer, as far as it is compared. */
export interface Answer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** Headers that the code of a tool decides. */
const HEADERS = [
  'content-type',
  'content-language',
  'content-disposition',
  'content-encoding',
  'location',
  'link',
  'cache-control',
  'last-modified',
];

/**
 * The first difference between what the monolith and the service answer, in words; `null` when there is none. `ignored`
 * are JSON pointers into the body, with `*` for any name or index. Numbers are compared digit by digit.
 */
export function differenceOf(
  monolith: Answer,
  service: Answer,
  ignored: readonly string[] = [],
): string | null {
  if (monolith.status !== service.status)
    return `status ${monolith.status}, and ${service.status} of the service`;
  return (
    headerDifference(HEADERS, monolith, service) ??
    bodyDifference(monolith, service, ignored) ??
    // a checksum of the whole says nothing without the ignored fields
    (ignored.length > 0 ? null : headerDifference(['etag'], monolith, service))
  );
}

function headerDifference(names: readonly string[], monolith: Answer, service: Answer): string | null {
  const header = names.find((name) => textOf(monolith, name) !== textOf(service, name));
  return header === undefined
    ? null
    : `header ${header}: ${shorten(textOf(monolith, header))}, and ${shorten(textOf(service, header))} of the service`;
}

function bodyDifference(monolith: Answer, service: Answer, ignored: readonly string[]): string | null {
  if (monolith.body.equals(service.body)) return null;
  const bodies = [monolith, service].map(parse);
  if (bodies.includes(undefined)) return 'the bodies differ';
  return firstDifference(bodies[0], bodies[1], '', ignored);
}

const textOf = ({ headers }: Answer, name: string): string => [headers[name] ?? 'none'].flat().join(', ');

/** `undefined`: no JSON. */
function parse({ headers, body }: Answer): unknown {
  if (!/[/+]json\b/.test(String(headers['content-type'])) || headers['content-encoding'] !== undefined)
    return undefined;
  try {
    return JSON.parse(body.toString('utf8'), keepDigits as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const keepDigits = (_key: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' ? new Digits(source ?? String(value)) : value;

function firstDifference(a: unknown, b: unknown, pointer: string, ignored: readonly string[]): string | null {
  if (ignored.some((pattern) => isAt(pattern, pointer))) return null;
  if (isTree(a) && isTree(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[name], b[name], `${pointer}/${escape(name)}`, ignored);
      if (found !== null) return found;
    }
    return null;
  }
  const [left, right] = [show(a), show(b)];
  return left === right
    ? null
    : `body${pointer === '' ? '' : ` at ${pointer}`}: ${shorten(left)}, and ${shorten(right)} of the service`;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Digits);

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Digits) return value.text;
  if (isTree(value)) return Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(value);
}

/** Parts of a JSON pointer (RFC 6901, 3). */
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Whether the pattern means this place: `*` stands for one name or index. */
function isAt(pattern: string, pointer: string): boolean {
  const parts = pointer.split('/');
  const wanted = pattern.split('/');
  return parts.length === wanted.length && wanted.every((part, i) => part === '*' || part === parts[i]);
}

const LONGEST = 60;

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
