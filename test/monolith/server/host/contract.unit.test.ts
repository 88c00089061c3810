import { expect } from 'chai';
import { explore } from '../../../../monolith/server/host/contract/explore.ts';
import { learn } from '../../../../monolith/server/host/contract/learn.ts';
import type { Answer, Request } from '../../../../monolith/server/host/contract/types.ts';

const answer = (status: number, body: unknown = {}): Answer => ({ status, headers: {}, body });
const refusal = (...names: string[]): Answer =>
  answer(422, { errors: names.map((name) => ({ pointer: `/${name}`, message: 'is wrong' })) });

/** A stub tool with a list of rows: an upper-case name, an optional count, and no other member. */
function shop(): { asked: Request[]; ask: (request: Request) => Promise<Answer> } {
  const rows = new Map<string, object>([['$id1', { id: '$id1', name: 'OLD', count: 2 }]]);
  const asked: Request[] = [];
  const write = (body: Record<string, unknown>): Answer | null => {
    const wrong = Object.keys(body).filter((name) => !['name', 'count'].includes(name));
    if (typeof body['name'] !== 'string' || !/^[A-Z\d-]+$/.test(body['name'])) wrong.push('name');
    if (body['count'] !== undefined && typeof body['count'] !== 'number') wrong.push('count');
    if (wrong.length > 0) return refusal(...wrong);
    return [...rows.values()].some((row) => 'name' in row && row.name === body['name']) ? answer(409) : null;
  };
  const ask = (request: Request): Promise<Answer> => {
    asked.push(request);
    const [, , id] = request.path.split('/');
    if (request.as !== 'caller') return Promise.resolve(answer(request.as === 'nobody' ? 401 : 403));
    if (request.method === 'POST') {
      if (typeof request.body !== 'object' || request.body === null) return Promise.resolve(answer(400));
      const refused = write({ ...request.body });
      if (refused !== null) return Promise.resolve(refused);
      const row = { id: `$id${rows.size + 1}`, ...request.body };
      rows.set(row.id, row);
      return Promise.resolve(answer(201, row));
    }
    if (id === undefined) return Promise.resolve(answer(200, { data: [...rows.values()] }));
    const row = rows.get(id);
    if (row === undefined) return Promise.resolve(answer(404));
    if (request.method === 'DELETE') rows.delete(id);
    return Promise.resolve(request.method === 'DELETE' ? answer(204) : answer(200, row));
  };
  return { asked, ask };
}

describe('recording a contract', () => {
  const post = { as: 'caller', method: 'POST', path: '/things' } as const;

  it('learns a body from refusals that name its members', async () => {
    const { ask } = shop();
    const learned = await learn(post, {}, ask);
    expect(learned.answer.status).to.equal(201);
    expect(learned.body).to.deep.equal({ name: 'A-1' });
  });

  it('learns a body from a row, drops members that only rows have, and varies it after a conflict', async () => {
    const { ask } = shop();
    const learned = await learn(post, { id: '$id1', name: 'OLD', count: 2 }, ask);
    expect(learned.body).to.deep.equal({ name: 'OLD-2', count: 2 });
  });

  it('stops learning when a refusal names no member', async () => {
    const learned = await learn(post, {}, () => Promise.resolve(answer(422)));
    expect(learned.answer.status).to.equal(422);
  });

  it('calls every endpoint without permission, with invalid and valid bodies, and deletes last', async () => {
    const { asked, ask } = shop();
    const seen: string[] = [];
    const endpoints = [
      ['DELETE', '/things/:id'],
      ['GET', '/things'],
      ['GET', '/things/:id'],
      ['POST', '/things'],
    ] as const;
    await explore(
      endpoints.map(([method, path]) => ({ method, path, summary: '', permissions: ['a:b'] })),
      async (request) => {
        const answered = await ask(request);
        seen.push(`${request.method} ${request.path} ${answered.status}`);
        return answered;
      },
    );
    expect(asked.filter(({ as }) => as !== 'caller')).to.have.length(8);
    expect(seen).to.include.members([
      'POST /things 201',
      'POST /things 409',
      'POST /things 400',
      'GET /things/$id2 200',
      'GET /things/not-an-id 404',
      'DELETE /things/$id3 204',
      'DELETE /things/$id3 404',
    ]);
    const firstDelete = seen.findIndex((line) => line.startsWith('DELETE') && !/40[13]$/.test(line));
    expect(seen.slice(firstDelete).some((line) => line.startsWith('GET /things/'))).to.equal(false);
  });

  it('calls every form of a path that is more than words and parameters', async () => {
    const paths = new Set<string>();
    const endpoints = [
      '/@me',
      '/items/$count',
      '/a,b',
      '/files/*path',
      '/reports{/:year.csv}',
      '/v1\\(beta\\)',
    ];
    await explore(
      endpoints.map((path) => ({ method: 'GET', path, summary: '', permissions: [] })),
      ({ path }) => Promise.resolve(answer(paths.add(path.split('?', 1)[0] ?? '').size > 0 ? 404 : 0)),
    );
    const id = '00000000-0000-4000-8000-000000000000';
    expect([...paths]).to.include.members([
      ...['/@me', '/items/$count', '/a,b', '/reports', '/v1(beta)'],
      ...[`/files/any/${id}`, '/files/any/not-an-id', `/reports/${id}.csv`],
    ]);
  });
});
