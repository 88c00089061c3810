import { createHash } from 'node:crypto';
import { exchange, type RawAnswer } from './raw-http.ts';
import type { RawRequest } from './requests.ts';

/** Where a tool is called. */
export interface ToolAddress {
  readonly name: string;
  readonly port: number;
  /** Path of the tool's routes. */
  readonly base: string;
}

/** What clients see of an answer, without what belongs to one connection or one address. */
export interface Comparable {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly complete: boolean;
}

/** Of the connection, of the server that is nearest to the client, or of the platform's limits, which services do not have. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  ...['connection', 'date', 'keep-alive', 'server', 'transfer-encoding', 'ratelimit', 'ratelimit-policy'],
]);
/** A gateway that may pack answers says so in Vary. */
const isCompared = ([name, values]: readonly [string, readonly string[]]): boolean =>
  !NOT_COMPARED.has(name) && !(name === 'vary' && values.join() === 'Accept-Encoding');

/** The monolith's address of tools. A service behind it names its own in problems. */
const OLD_BASE = '/api/tools/';
const LONGEST_BODY = 2_000;

export async function comparable(request: RawRequest, address: ToolAddress): Promise<readonly Comparable[]> {
  const answers = await exchange({ port: address.port }, request.bytesAt(address), request.methods);
  return answers.map((answer) => plain(answer, address));
}

/** Whether a request has no answer of the tool: nothing, or a problem of the host in between. */
export const isUnanswered = ([answer]: readonly Comparable[]): boolean =>
  answer === undefined ||
  ((answer.status === 502 || answer.status === 503) && answer.body.includes('"code"'));

/** Whether nginx has refused a request that it, unlike the hosts, does not pass on. */
export const isRefusedByNginx = ({ nginx }: RawRequest, [answer]: readonly Comparable[]): boolean =>
  answer?.status === nginx?.status && answer?.headers['content-type']?.join() === 'application/problem+json';

function plain({ status, headers, body, complete }: RawAnswer, { base, port }: ToolAddress): Comparable {
  const neutral = (text: string): string =>
    text
      .replaceAll(OLD_BASE, '/api/')
      .replaceAll(base.replace(OLD_BASE, '/api/'), '$base')
      .replaceAll(`127.0.0.1:${port}`, '$host');
  const kept = [...headers].filter(isCompared).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = withoutWording(neutral(body.toString('latin1')), headers);
  return {
    status,
    headers: Object.fromEntries(
      kept.map(([name, values]) => [name, dependsOnAddress(name, headers) ? [] : values.map(neutral)]),
    ),
    body:
      text.length <= LONGEST_BODY
        ? text
        : `${text.length} bytes, ${createHash('sha256').update(text).digest('hex')}`,
    complete,
  };
}

/** How a host words a refusal is not compared, and neither is the reason of a fault, which only the monolith tells developers. */
function withoutWording(text: string, headers: RawAnswer['headers']): string {
  if (!isProblem(headers)) return text;
  const problem = JSON.parse(text === '' ? '{}' : text) as Readonly<Record<string, unknown>>;
  const { status, code, detail } = problem;
  if (status === 401 || status === 403) return `${status} ${String(code)}`;
  return JSON.stringify(
    code === 'internal' ? { ...problem, detail: String(detail).split('.', 1)[0] } : problem,
  );
}

const isProblem = (headers: RawAnswer['headers']): boolean =>
  headers.get('content-type')?.join().startsWith('application/problem+json') === true;

/** Length and hash of a body depend on the address that it names, as problems do. */
const dependsOnAddress = (name: string, headers: RawAnswer['headers']): boolean =>
  name === 'content-length' || (name === 'etag' && isProblem(headers));

/** What differs between the answers to one request; nothing where they are equal. */
export function differencesOf(
  expected: readonly Comparable[],
  seen: readonly Comparable[],
): readonly string[] {
  if (expected.length !== seen.length) return [`${expected.length} answers -> ${seen.length}`];
  return expected.flatMap((one, i) => {
    const other = seen[i] ?? one;
    const [a, b] = [flat(one), flat(other)];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((key) => a[key] !== b[key])
      .map((key) => `${key}: ${a[key] ?? 'none'} -> ${b[key] ?? 'none'}`);
  });
}

const flat = ({ headers, ...rest }: Comparable): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...Object.entries(rest), ...Object.entries(headers)].map(([key, value]) => [
      key,
      String(value).slice(0, SHOWN),
    ]),
  );

const SHOWN = 300;
