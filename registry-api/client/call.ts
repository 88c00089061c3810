import { ERRORS, PlatformError, type ErrorCode, type ErrorDetail } from '../../contracts/errors.ts';
import type { paths } from './api.generated.ts';

export interface RegistryClientOptions {
  /** For example `http://localhost:3000`. */
  readonly baseUrl: string;
  /** Bearer token; not needed on the machine of a platform in development mode. */
  readonly token?: string;
  /** Timeout in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

export type Method = 'get' | 'post' | 'put' | 'delete';

interface AnyOperation {
  readonly parameters: { readonly query?: unknown; readonly header?: unknown; readonly path?: unknown };
  readonly requestBody?: unknown;
  readonly responses: unknown;
}

/** The addresses that support a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends AnyOperation ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = Extract<paths[P][M], AnyOperation>;

/** The parts of a request, by the OpenAPI document. */
export type Init<O extends AnyOperation> = (O['parameters'] extends { readonly path: infer T }
  ? { readonly path: T }
  : unknown) & {
  readonly query?: Defined<O['parameters']['query']>;
  readonly headers?: Undefinable<Defined<O['parameters']['header']>>;
} & (O extends { readonly requestBody: { readonly content: { readonly 'application/json': infer B } } }
    ? { readonly body: B }
    : O extends { readonly requestBody?: { readonly content: { readonly 'application/json': infer B } } }
      ? { readonly body?: B }
      : unknown);

/** The body of a successful answer, by the OpenAPI document; `undefined` when it has none. */
export type Answer<O extends AnyOperation> = O['responses'] extends infer R
  ? {
      [S in keyof R & (200 | 201 | 202 | 204)]: R[S] extends {
        readonly content: { readonly 'application/json': infer T };
      }
        ? T
        : undefined;
    }[keyof R & (200 | 201 | 202 | 204)]
  : never;

type Defined<T> = Exclude<T, undefined>;
type Undefinable<T> = { readonly [K in keyof T]?: T[K] | undefined };

/**
 * Sends one request and returns the body of its successful answer, with the ETag if there is one.
 *
 * @throws PlatformError `registry-unreachable` when the registry does not answer, else the problem in its answer.
 */
export type Call = <M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  init: Init<Operation<M, P>>,
) => Promise<{ readonly body: Answer<Operation<M, P>>; readonly etag: string }>;

/** Parts of a request without their types, which {@link Init} has already checked. */
interface LooseInit {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

export function createCall(options: RegistryClientOptions): Call {
  return async (method, path, init) => {
    const { path: values = {}, query = {}, headers = {}, body } = init as LooseInit;
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(values[name] ?? ''),
    );
    const response = await send(options, method.toUpperCase(), `${address}${search(query)}`, headers, body);
    return {
      // the contract test checks every answer against the document
      body: (await bodyOf(response, options.baseUrl)) as Answer<Operation<typeof method, typeof path>>,
      etag: response.headers.get('etag') ?? '',
    };
  };
}

async function send(
  { baseUrl, token, timeoutMs = 10_000 }: RegistryClientOptions,
  method: string,
  address: string,
  given: Readonly<Record<string, string | undefined>>,
  body: unknown,
): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    response = await fetch(new URL(address, baseUrl), {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new PlatformError(
      'registry-unreachable',
      `The registry at ${baseUrl} does not answer. Start the platform with: npm start`,
      { cause },
    );
  }
  if (!response.ok) throw await failure(response, `${method} ${address}`);
  return response;
}

async function bodyOf(response: Response, baseUrl: string): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new PlatformError(
      'registry-unreachable',
      `The server at ${baseUrl} is not a registry. Start the platform with: npm start`,
      { cause },
    );
  }
}

async function failure(response: Response, what: string): Promise<PlatformError> {
  const problem = (await response.json().catch(() => ({}))) as {
    code?: string;
    detail?: string;
    errors?: readonly ErrorDetail[];
  };
  const { code = '', detail, errors } = problem;
  const known = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'registry-unreachable';
  const message = detail ?? `${what} returned status ${response.status}, but the server is not a registry.`;
  return new PlatformError(known, message, { ...(errors && { errors }) });
}

type Scalar = string | number | boolean;

function search(query: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value as Scalar | readonly Scalar[] | undefined].flat())
      if (one !== undefined) params.append(name, String(one));
  return params.size === 0 ? '' : `?${params.toString()}`;
}
