import type { Answer, Ask, Body, Request } from './types.ts';

/** Values to try for a member that the tool refuses. */
const CANDIDATES: readonly unknown[] = [
  'Example',
  1,
  'A-1',
  true,
  '2026-01-15',
  '2026-01-15T12:00:00Z',
  'ann@example.org',
  [],
  {},
];
const MOST_ATTEMPTS = CANDIDATES.length + 3;

export interface Learned {
  readonly body: Body;
  readonly answer: Answer;
}

/**
 * Finds a body that an endpoint accepts: starts with an empty body and with a row's members, and corrects the members that
 * the tool refuses (`errors[].pointer`). Returns the last body and its answer, accepted or not.
 */
export async function learn(request: Request, row: Body, ask: Ask): Promise<Learned> {
  let answer = await ask({ ...request, body: {} });
  let body: Body = answer.status < 400 ? {} : row;
  const tried = new Map<string, number>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS && answer.status >= 400; attempt += 1) {
    const next = attempt === 0 && Object.keys(row).length > 0 ? row : improved(body, answer, tried);
    if (next === null) break;
    body = next;
    answer = await ask({ ...request, body });
  }
  return { body, answer };
}

/** The body with the refused members replaced; `null` when the answer names none. */
function improved(body: Body, { status, body: problem }: Answer, tried: Map<string, number>): Body | null {
  if (status === 409) return varied(body);
  const named = [...new Set(membersOf(problem))];
  if (named.length === 0) return null;
  const next = new Map(Object.entries(body));
  for (const name of named) {
    const count = tried.get(name) ?? 0;
    tried.set(name, count + 1);
    // A row may have members that a body must not have: first try without the member
    if (count === 0 && name in body) next.delete(name);
    else next.set(name, CANDIDATES[(name in body || count === 0 ? count : count - 1) % CANDIDATES.length]);
  }
  return Object.fromEntries(next);
}

/** The same body with other texts. */
export const varied = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).map(([key, value]) => [key, another(value)]));

/** Numbers, dates and id names are unchanged. */
const another = (value: unknown): unknown =>
  typeof value === 'string' && /^[^$]*[A-Za-z]{2}/.test(value) ? `${value}-2` : value;

function membersOf(problem: unknown): readonly string[] {
  const errors = typeof problem === 'object' && problem !== null && 'errors' in problem ? problem.errors : [];
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: unknown) => {
    const pointer = typeof error === 'object' && error !== null && 'pointer' in error ? error.pointer : '';
    const name = typeof pointer === 'string' ? pointer.split('/')[1] : undefined;
    return name === undefined || name === '' ? [] : [name.replaceAll('~1', '/').replaceAll('~0', '~')];
  });
}
