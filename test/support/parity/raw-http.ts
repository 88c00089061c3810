import { connect } from 'node:net';

/** An answer as it came over the socket, with its framing removed. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; values of repeated headers in their order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
  /** Whether the answer ended as its framing says. */
  readonly complete: boolean;
}

export interface RawTarget {
  readonly host?: string;
  readonly port: number;
}

const TIMEOUT_MS = 20_000;
/** More than the buffers of a connection hold: the server may answer, and close, while these bytes are written. */
const LONG = 1_000_000;
const TRIES = 3;

/**
 * Sends bytes over a connection of their own, and returns the answers that came until the server closed it. The bytes
 * must make the server close it. Answers are as many as `methods` names.
 */
export async function exchange(
  target: RawTarget,
  bytes: Buffer,
  methods: readonly string[],
): Promise<readonly RawAnswer[]> {
  let received = await send(target, bytes);
  // Node drops an answer that it has not read when a write fails: the next attempt may read first
  for (let n = 1; n < TRIES && received.length === 0 && bytes.length > LONG; n++)
    received = await send(target, bytes);
  return answersIn(received, methods);
}

function send({ host = '127.0.0.1', port }: RawTarget, bytes: Buffer): Promise<Buffer> {
  return new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port, allowHalfOpen: true });
    const done = (): void => {
      resolve(Buffer.concat(chunks));
      socket.destroy();
    };
    socket.setTimeout(TIMEOUT_MS, done);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset after the answer is its end, too
    socket.on('end', done).on('error', done).on('close', done);
    socket.write(bytes);
  });
}

function answersIn(received: Buffer, methods: readonly string[]): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = received;
  for (const method of methods) {
    while (/^HTTP\/1\.[01] 1\d\d /.test(rest.toString('latin1', 0, 16)))
      rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4); // 100 Continue
    if (rest.length === 0) break;
    const { answer, after } = firstAnswer(rest, method);
    answers.push(answer);
    rest = after;
  }
  return answers;
}

function firstAnswer(bytes: Buffer, method: string): { answer: RawAnswer; after: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
  const headers = new Map<string, readonly string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const rest = bytes.subarray(end + 4);
  const { body, length, complete } = framed(rest, { status, headers, method });
  return { answer: { status, headers, body, complete }, after: rest.subarray(length) };
}

interface Framed {
  readonly body: Buffer;
  /** Bytes that it takes on the wire. */
  readonly length: number;
  readonly complete: boolean;
}

function framed(
  rest: Buffer,
  { status, headers, method }: Pick<RawAnswer, 'status' | 'headers'> & { readonly method: string },
): Framed {
  const [size] = headers.get('content-length') ?? [];
  if (method === 'HEAD' || status === 204 || status === 304)
    return { body: Buffer.alloc(0), length: 0, complete: true };
  if (headers.get('transfer-encoding')?.includes('chunked') === true) return chunked(rest);
  if (size === undefined) return { body: rest, length: rest.length, complete: true };
  const body = rest.subarray(0, Number(size));
  return { body, length: body.length, complete: body.length === Number(size) };
}

function chunked(rest: Buffer): Framed {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = rest.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(rest.toString('latin1', at, line), 16);
    const start = line + 2;
    if (Number.isNaN(size) || rest.length < start + size + 2)
      return { body: Buffer.concat([...chunks, rest.subarray(start)]), length: rest.length, complete: false };
    if (size === 0) return { body: Buffer.concat(chunks), length: start + 2, complete: true };
    chunks.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
}
