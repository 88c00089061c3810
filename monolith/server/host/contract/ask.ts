import { createHash } from 'node:crypto';
import type { HostedTool } from './host.ts';
import type { Answer, Request } from './types.ts';

/** Names for values that differ between two runs, numbered by first appearance. */
export class Names {
  readonly #named = new Map<string, string>();

  hide(text: string): string {
    return text
      .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, (id) => {
        const name = this.#named.get(id) ?? `$id${this.#named.size + 1}`;
        this.#named.set(id, name);
        return name;
      })
      .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?/g, '$time');
  }

  /** The text with the values in place of their names. */
  reveal(text: string): string {
    const ids = new Map([...this.#named].map(([id, name]) => [name, id]));
    return text.replace(/\$id\d+/g, (name) => ids.get(name) ?? name);
  }
}

/** Headers that a client relies on, a tool's own `X-...` headers among them. */
const COMPARED =
  /^(content-type|content-disposition|location|link|allow|retry-after|www-authenticate|cache-control|x-(?!request-id$|powered-by$|content-type-options$).*)$/;
const LONGEST_BODY = 16_384;
const TIMEOUT_MS = 10_000;

/**
 * Sends a request and returns the answer with every value hidden that differs between two runs. A stream of events is
 * recorded without its body, and so is an answer that breaks or does not end. A request that is not answered in time has the
 * status 0.
 */
export async function ask(target: HostedTool, request: Request, names: Names): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await send(target, request, { names, signal });
  if (response === 'late') return { status: 0, headers: {} };
  if (response === 'broken') return { status: 0, headers: {}, broken: true };
  const { origin, pathname } = new URL(target.base);
  const hide = (value: string): string =>
    names.hide(value.replaceAll(origin, '').replaceAll(pathname, '$base'));
  const headers = [...response.headers]
    .filter(([name]) => COMPARED.test(name))
    .map(([name, value]) => [name, hide(value)]);
  const answer = {
    status: response.status,
    headers: Object.fromEntries(headers.sort()) as Record<string, string>,
  };
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return answer;
  }
  const received = await response.text().catch(() => null);
  if (received === null) return signal.aborted ? { ...answer, endless: true } : { ...answer, broken: true };
  const text = hide(received);
  if (text.length > LONGEST_BODY)
    return { ...answer, sha256: createHash('sha256').update(text).digest('hex') };
  return { ...answer, body: withoutRefusalDetail(parsed(text), request.as) };
}

/** @throws Error when the tool's process has ended. */
async function send(
  target: HostedTool,
  request: Request,
  { names, signal }: { readonly names: Names; readonly signal: AbortSignal },
): Promise<Response | 'late' | 'broken'> {
  const { method, path, type = 'application/json', body, size } = request;
  const sent = size === undefined ? body : JSON.stringify('x'.repeat(size));
  const text = typeof sent === 'string' || sent === undefined ? sent : JSON.stringify(sent);
  return fetch(target.base + names.reveal(path), {
    method,
    signal,
    redirect: 'manual',
    headers: {
      ...target.headers(request.as),
      ...(text === undefined ? {} : { 'content-type': type }),
    },
    ...(text === undefined ? {} : { body: names.reveal(text) }),
  }).catch((error: unknown) => {
    if (signal.aborted) return 'late';
    const { code } = (error as { cause?: { code?: unknown } }).cause ?? {};
    if (code === 'ECONNREFUSED') throw error;
    return 'broken';
  });
}

/** Hosts may word a 401 or 403 differently; status and code must be equal. */
function withoutRefusalDetail(body: unknown, as: Request['as']): unknown {
  if (as === 'caller' || typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'detail'));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
