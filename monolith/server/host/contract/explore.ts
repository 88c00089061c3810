import { formsOf, textOf, type PathPart } from '../../../../contracts/endpoint-path.ts';
import type { Endpoint } from '../../../../contracts/manifest.ts';
import type { Answer, Ask, Body } from './types.ts';
import { learn, varied } from './learn.ts';

/** An id without a row. */
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const MALFORMED_ID = 'not-an-id';
/** More characters than a host's body limit. */
const TOO_LARGE = 300_000;
const NO_ROWS: ReadonlyMap<string, Body> = new Map();

/**
 * Calls every endpoint of a tool without a token, without the permission, with invalid bodies, and with valid ones, which it
 * learns from the answers. Writes come before the reads that show them, deletes last. Deterministic: the same tool on the
 * same rows gets the same calls in the same order.
 */
export async function explore(endpoints: readonly Endpoint[], ask: Ask): Promise<void> {
  const visit = new Visit(
    endpoints.flatMap((endpoint) =>
      formsOf(endpoint.path).map((form) => ({ ...endpoint, path: textOf(form) || '/' })),
    ),
    ask,
  );
  await visit.callWithoutPermission();
  await visit.readLists();
  await visit.write();
  await visit.readRows();
  await visit.deleteRows();
  await ask({ as: 'caller', method: 'GET', path: '/nowhere/at/all?x=1' });
}

/** The calls of one tool, with the rows and bodies that they have brought up. */
class Visit {
  readonly #endpoints: readonly Endpoint[];
  readonly #ask: Ask;
  /** The row to use in calls, by path of its list. */
  readonly #rows = new Map<string, Body>();
  /** Accepted bodies of POST, by path. */
  readonly #bodies = new Map<string, Body>();

  constructor(endpoints: readonly Endpoint[], ask: Ask) {
    this.#endpoints = endpoints;
    this.#ask = ask;
  }

  async callWithoutPermission(): Promise<void> {
    for (const { method, path, permissions } of this.#endpoints) {
      if (permissions.length === 0) continue;
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
      for (const as of ['nobody', 'stranger'] as const)
        await this.#ask({ as, method, path: this.#at(path), ...body });
    }
  }

  async readLists(): Promise<void> {
    for (const { path } of this.#of('GET').filter((endpoint) => !hasParameters(endpoint.path)))
      for (const query of ['', '?limit=2', '?limit=none'])
        this.#remember(path, await this.#ask({ as: 'caller', method: 'GET', path: path + query }));
  }

  async write(): Promise<void> {
    for (const [i, { method, path }] of this.#of('POST', 'PUT', 'PATCH').entries()) {
      const write = { as: 'caller', method, path: this.#at(path) } as const;
      await this.#ask({ ...write, body: '{"broken":' });
      await this.#ask({ ...write, body: 'a=1', type: 'application/x-www-form-urlencoded' });
      if (i === 0) await this.#ask({ ...write, size: TOO_LARGE });
      const { answer, body } = await learn(write, this.#rows.get(listOf(path)) ?? {}, this.#ask);
      if (method === 'POST' && answer.status < 300) {
        this.#remember(path, answer);
        this.#bodies.set(path, body);
        await this.#ask({ ...write, body }); // again: a conflict, or a second row
      }
      if (hasParameters(path))
        await this.#ask({ ...write, path: resolve(path, NO_ROWS, UNKNOWN_ID), body: {} });
    }
  }

  async readRows(): Promise<void> {
    for (const { path } of this.#of('GET')) {
      const answer = await this.#ask({ as: 'caller', method: 'GET', path: this.#at(path) });
      if (!this.#rows.has(path)) this.#remember(path, answer); // a created row is preferred to a listed one
      if (!hasParameters(path)) continue;
      for (const id of [UNKNOWN_ID, MALFORMED_ID])
        await this.#ask({ as: 'caller', method: 'GET', path: resolve(path, NO_ROWS, id) });
    }
  }

  async deleteRows(): Promise<void> {
    for (const { path } of this.#of('DELETE').reverse()) {
      const addresses = [this.#at(path)];
      const list = path.replace(/\/:[^/]+$/, '');
      const body = this.#bodies.get(list);
      // Other rows may refer to the first row by now; a new row can be deleted
      if (body !== undefined && list !== path) {
        const post = { as: 'caller', method: 'POST', path: this.#at(list), body: varied(body) } as const;
        this.#remember(list, await this.#ask(post));
        addresses.push(this.#at(path));
      }
      for (const address of [...addresses, ...addresses.slice(-1), resolve(path, NO_ROWS, MALFORMED_ID)])
        await this.#ask({ as: 'caller', method: 'DELETE', path: address });
    }
  }

  /** Endpoints of these methods, short paths first. */
  #of(...methods: string[]): Endpoint[] {
    return this.#endpoints
      .filter(({ method }) => methods.includes(method))
      .sort((a, b) => depth(a.path) - depth(b.path));
  }

  #at(path: string): string {
    return resolve(path, this.#rows, UNKNOWN_ID);
  }

  #remember(path: string, answer: Answer): void {
    const row = rowOf(answer);
    if (row !== undefined) this.#rows.set(path, row);
  }
}

/** `/items/:id/adjust` -> `/items`: the list that contains the row. */
const listOf = (path: string): string => path.split('/:', 1)[0] ?? path;

const depth = (path: string): number => path.split('/').length;

const partsOf = (path: string): readonly PathPart[] => formsOf(path)[0] ?? [];
const hasParameters = (path: string): boolean => partsOf(path).some(({ type }) => type !== 'text');

/** Replaces each parameter by the id of a row of the list before it, and a wildcard by two segments. */
function resolve(path: string, rows: ReadonlyMap<string, Body>, unknown: string): string {
  const parts = partsOf(path);
  const listBefore = (i: number): string => textOf(parts.slice(0, i)).replace(/\/[^/]*$/, '');
  return parts
    .map((part, i) => {
      if (part.type === 'text') return part.value;
      return part.type === 'param' ? idOf(rows.get(listBefore(i)), unknown) : `any/${unknown}`;
    })
    .join('');
}

function idOf(row: Body | undefined, unknown: string): string {
  const id = row?.['id'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : unknown;
}

/** The row in an answer: the body itself, or the first row of a list, bare or under `data`. */
function rowOf({ status, body }: Answer): Body | undefined {
  if (status >= 300 || typeof body !== 'object' || body === null) return undefined;
  const data: unknown = Array.isArray(body) ? body : 'data' in body ? body.data : body;
  const row: unknown = Array.isArray(data) ? data[0] : data;
  return typeof row === 'object' && row !== null && 'id' in row ? { ...row } : undefined;
}
