import { request, type IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { Answer } from './compare-answers.ts';

/** Larger answers are not compared. */
const MOST_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;

/** The answer that is given through `response`; `null` when it is broken off, too large, or a stream without an end. */
export function captureAnswer(response: Response): Promise<Answer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk, encodingOf(encoding)) : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes <= MOST_BYTES) chunks.push(buffer);
    else chunks.length = 0;
  };
  for (const name of ['write', 'end'] as const) {
    const original = response[name].bind(response) as (...args: unknown[]) => never;
    response[name] = (...args: unknown[]) => {
      keep(args[0], args[1]);
      return original(...args);
    };
  }
  return new Promise((resolve) => {
    response.once('close', () => {
      const complete = response.writableFinished && bytes <= MOST_BYTES;
      const headers = response.getHeaders();
      resolve(complete ? { status: response.statusCode, headers, body: Buffer.concat(chunks) } : null);
    });
  });
}

const encodingOf = (encoding: unknown): BufferEncoding =>
  typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';

/** Asks by GET, without the headers that are undefined. `null` when there is no answer in time, or a too large one. */
export function ask(url: string, headers: IncomingHttpHeaders): Promise<Answer | null> {
  return new Promise((resolve) => {
    const none = (): void => resolve(null);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const asked = request(url, { headers: sent, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) asked.destroy();
        else chunks.push(chunk);
      });
      incoming.once('error', none);
      incoming.once('close', none); // after `end` it does nothing
      incoming.once('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.once('error', none);
    asked.end();
  });
}
