import { expect } from 'chai';
import fc from 'fast-check';
import { isDatabaseAway } from '../../contracts/host/database-errors.ts';
import { endJob } from '../../registry-api/store/jobs.ts';
import { Contract, type Document } from './support/contract.ts';
import { arbitraryOf } from './support/arbitrary.ts';
import { startTestRegistry, type Answer, type TestRegistry } from './support/registry.ts';

interface Generated {
  readonly method: string;
  readonly path: string;
  readonly at: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Runs a sample; `GENERATED_REQUESTS=10000` runs all. */
const REQUESTS = Number(process.env['GENERATED_REQUESTS'] ?? 2_500);
const AT_ONCE = 20;
/** A run that never sees one of these proves little. */
const STATUSES = [200, 201, 202, 204, 400, 404, 409, 415, 422];

/** A few ids, so that requests hit the same tools. */
const TOOL_IDS = [
  'alpha',
  'beta-two',
  'c',
  'search',
  'export',
  'Not An Id',
  '..',
  "'; --",
  '%00',
  'x'.repeat(60),
];

/** Generates addresses, queries, headers and bodies from the document, and mutates a part of them. */
function requests(document: Document): fc.Arbitrary<Generated> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    path.endsWith('/events')
      ? []
      : Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const each = operations.map(({ path, method, operation }) => {
    const parameters = (operation['parameters'] ?? []) as { name: string; in: string; schema: object }[];
    const valueOf = (schema: object) =>
      fc.oneof(
        { weight: 4, arbitrary: arbitraryOf(schema, document) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
      );
    const parts = Object.fromEntries(
      parameters.map(({ name, in: place, schema }) => [
        `${place} ${name}`,
        name === 'toolId'
          ? fc.constantFrom(...TOOL_IDS)
          : place === 'path'
            ? valueOf(schema)
            : sometimes(valueOf(schema), name === 'cursor' ? 12 : 4),
      ]),
    );
    const schema = (operation['requestBody'] as { content: Record<string, { schema: object }> } | undefined)
      ?.content['application/json']?.schema;
    return fc
      .record({
        parts: fc.record(parts),
        body: schema === undefined ? fc.constant(undefined) : bodyOf(schema, document),
        query: sometimes(fc.tuple(fc.string(), fc.string({ unit: 'binary' })), 15),
        type: fc.constantFrom(
          ...Array<string>(12).fill('application/json'),
          'text/plain',
          'application/json; charset=x',
        ),
      })
      .map(({ parts: values, body, query, type }) => {
        const given = (place: string) =>
          Object.entries(values).flatMap(([key, value]) =>
            key.startsWith(`${place} `) && value !== undefined
              ? [[key.slice(place.length + 1), value] as const]
              : [],
          );
        const search = new URLSearchParams();
        for (const [name, value] of given('query'))
          for (const one of [value].flat()) search.append(name, textOf(one));
        if (query !== undefined) search.append(...query);
        const at = given('path').reduce(
          (address, [name, value]) => address.replace(`{${name}}`, encode(textOf(value))),
          path,
        );
        const headers = Object.fromEntries(
          given('header').map(([name, value]) => [
            name,
            textOf(value)
              .replaceAll(/[^\x20-\x7e]/g, '')
              .trim(),
          ]),
        );
        return {
          method: method.toUpperCase(),
          path,
          at: `${at}${search.size > 0 ? `?${search.toString()}` : ''}`,
          body,
          headers: { ...headers, ...(body !== undefined && { 'Content-Type': type }) },
        };
      });
  });
  return fc.oneof(...each);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** One in `n`; else nothing. */
const sometimes = <T>(arbitrary: fc.Arbitrary<T>, n: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: n - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

// the client would normalise "." and ".." before sending
const encode = (segment: string): string =>
  /^\.{1,2}$/.test(segment) ? '%2e%2e%2f' : encodeURIComponent(segment.toWellFormed());

function bodyOf(schema: object, document: Document): fc.Arbitrary<string> {
  const valid = arbitraryOf(schema, document).chain((value) =>
    fc
      .constantFrom(...TOOL_IDS.slice(0, 3))
      .map((id) =>
        typeof value === 'object' && value !== null && 'name' in value
          ? { ...value, id, toolId: id, route: `/tools/${id}`, apiBase: `/api/tools/${id}` }
          : value,
      ),
  );
  return fc.oneof(
    { weight: 6, arbitrary: valid.map((value) => JSON.stringify(value)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(valid, fc.string(), fc.jsonValue())
        .map(([value, key, other]) => JSON.stringify({ ...(value as object), [key]: other })),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

describe(`${REQUESTS} generated requests`, function () {
  this.timeout(600_000);
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());

  it('answers generated requests as the document says, and never with 500', async () => {
    const contract = new Contract((await registry.call('GET', '/openapi.json')).body as Document);
    const seed = Date.now() & 0x7f_ff_ff_ff;
    const counts = new Map<number, number>();
    const wrong: string[] = [];
    const sendSample = async (round: number): Promise<void> => {
      const sample = fc.sample(requests(contract.document), { numRuns: REQUESTS, seed: seed + round });
      const work = sample[Symbol.iterator]();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const request of work) {
            const answer = await send(registry.url, request);
            counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
            if (!isKept(contract, request, answer))
              wrong.push(`${answer.status} ${JSON.stringify(request)} ${JSON.stringify(answer.body)}`);
            // ends exports, or every tool would stay busy
            if (answer.status === 202 && request.at.endsWith('/export'))
              await endJob(registry.pool, answer.body.id, { status: 'failed' });
          }
        }),
      );
    };
    // A status that one sample misses by chance is seen in another
    for (let round = 0; round < 4 && STATUSES.some((status) => !counts.has(status)); round += 1)
      await sendSample(round);
    expect(wrong.slice(0, 5), `seed ${seed}; ${wrong.length} answers`).to.deep.equal([]);
    // generating requests blocks the process for so long that a connection may time out
    expect(registry.faults.filter((fault) => !isDatabaseAway(fault))).to.deep.equal([]);
    for (const status of STATUSES)
      expect(
        counts.get(status),
        `a run that never sees ${status} proves little: ${JSON.stringify([...counts])}`,
      ).to.be.greaterThan(0);
  });

  it('keeps a consistent state after generated requests', async () => {
    const { rows } = await registry.pool.query<{ tool_id: string; whole: boolean }>(
      `SELECT t.tool_id, tool_document(t) = h.after AND t.revision = 1 + (
              SELECT count(*) FROM tool_history c WHERE c.tool_id = t.tool_id AND c.action <> 'registered' AND c.id > r.id) AS whole
         FROM tool_registry t
         CROSS JOIN LATERAL (SELECT after FROM tool_history h WHERE h.tool_id = t.tool_id ORDER BY id DESC LIMIT 1) h
         CROSS JOIN LATERAL (SELECT id FROM tool_history h WHERE h.tool_id = t.tool_id AND action = 'registered' ORDER BY id DESC LIMIT 1) r`,
    );
    expect(
      rows.every((row) => row.whole),
      JSON.stringify(rows),
    ).to.equal(true);
    const { body } = await registry.call('GET', '/api/tools?limit=200');
    expect(body.total).to.equal(rows.length);
  });
});

async function send(base: string, { method, at, body, headers }: Generated): Promise<Answer> {
  const response = await fetch(`${base}${at}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Checks an id that changes the route (`search`, or empty) by the resulting route. */
function isKept(contract: Contract, { method, path, at }: Generated, answer: Answer): boolean {
  if (answer.status >= 500) return false;
  const emptied = at.split('?')[0]?.endsWith('/') === true;
  const elsewhere =
    emptied || (/^\/api\/tools\/(search|export)(\/|\?|$)/.test(at) && path.includes('{toolId}'));
  const problem = answer.status === 405 || answer.status === 404 || answer.status === 400;
  if (elsewhere || problem) return answer.status < 500;
  return contract.problems(method, path, answer).length === 0;
}
