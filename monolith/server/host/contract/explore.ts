import type { Endpoint } from '../../../../contracts/manifest.ts';
import type { Answer, Ask, Body } from './types.ts';
import { learn, varied } from './learn.ts';

/** An id without a row. */
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const TOO_LARGE = 300_000;

/**
 * Calls every endpoint of a tool without a token, without the permission, with invalid bodies, and with valid ones, which it
 * learns from the answers. Writes come before the reads that show them, deletes last. Deterministic: the same tool on the
 * same rows gets the same calls in the same order.
 */
export async function explore(endpoints: readonly Endpoint[], ask: Ask): Promise<void> {
  const usable = endpoints.filter(({ path }) => !path.includes('*'));
  const rows = new Map<string, Body>();
  const bodies = new Map<string, Body>();
  const remember = (path: string, answer: Answer): void => {
    const row = rowOf(answer);
    if (row !== undefined) rows.set(path, row);
  };
  const at = (path: string, unknown = UNKNOWN_ID): string => resolve(path, rows, unknown);
  const of = (...methods: string[]): Endpoint[] =>
    usable.filter(({ method }) => methods.includes(method)).sort((a, b) => depth(a.path) - depth(b.path));

  for (const { method, path, permissions } of usable.filter((e) => e.permissions.length > 0)) {
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
    await ask({ as: 'nobody', method, path: at(path), ...body });
    if (permissions.length > 0) await ask({ as: 'stranger', method, path: at(path), ...body });
  }
  for (const { path } of of('GET').filter((e) => !e.path.includes(':'))) {
    for (const query of ['', '?limit=2', '?limit=none'])
      remember(path, await ask({ as: 'caller', method: 'GET', path: path + query }));
  }
  for (const [i, { method, path }] of of('POST', 'PUT', 'PATCH').entries()) {
    const write = { as: 'caller', method, path: at(path) } as const;
    await ask({ ...write, body: '{"broken":' });
    await ask({ ...write, body: 'a=1', type: 'application/x-www-form-urlencoded' });
    if (i === 0) await ask({ ...write, size: TOO_LARGE });
    const { answer, body } = await learn(write, rows.get(listOf(path)) ?? {}, ask);
    if (method === 'POST' && answer.status < 300) {
      remember(path, answer);
      bodies.set(path, body);
      await ask({ ...write, body }); // again: a conflict, or a second row
    }
    if (path.includes(':')) await ask({ ...write, path: resolve(path, new Map(), UNKNOWN_ID), body: {} });
  }
  for (const { path } of of('GET')) {
    const answer = await ask({ as: 'caller', method: 'GET', path: at(path) });
    if (!rows.has(path)) remember(path, answer); // a created row is preferred to a listed one
    if (!path.includes(':')) continue;
    for (const id of [UNKNOWN_ID, 'not-an-id'])
      await ask({ as: 'caller', method: 'GET', path: resolve(path, new Map(), id) });
  }
  for (const { path } of of('DELETE').reverse()) {
    const addresses = [at(path)];
    // Other rows may refer to the first row by now; a new row can be deleted
    const list = path.replace(/\/:[^/]+$/, '');
    const body = bodies.get(list);
    if (body !== undefined && list !== path) {
      remember(list, await ask({ as: 'caller', method: 'POST', path: at(list), body: varied(body) }));
      addresses.push(at(path));
    }
    for (const address of [...addresses, ...addresses.slice(-1), resolve(path, new Map(), 'not-an-id')])
      await ask({ as: 'caller', method: 'DELETE', path: address });
  }
  await ask({ as: 'caller', method: 'GET', path: '/nowhere/at/all?x=1' });
}

/** `/items/:id/adjust` -> `/items`: the list that contains the row. */
const listOf = (path: string): string => path.split('/:', 1)[0] ?? path;

const depth = (path: string): number => path.split('/').length;

/** Replaces each parameter by the id of a row of the list before it. */
function resolve(path: string, rows: ReadonlyMap<string, Body>, unknown: string): string {
  const segments = path.split('/');
  const pattern = (end: number): string => segments.slice(0, end).join('/');
  return segments
    .map((segment, i) => (segment.startsWith(':') ? idOf(rows.get(pattern(i)), unknown) : segment))
    .join('/');
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
