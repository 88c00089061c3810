import { expect } from 'chai';
import pg from 'pg';
import type { Platform } from '../../../../monolith/server/platform/platform.ts';
import {
  call,
  makeRepository,
  openPlatform,
  signIn,
  writeNotes,
  type TestRepository,
} from '../repository.ts';

const DEPLOYMENT = { runtime: 'docker', image: 'stock-api:1.0.0', replicas: 2, commit: 'a'.repeat(40) };

describe('answers of the platform to dashboard users', () => {
  let repository: TestRepository;
  let platform: Platform & { readonly databaseUrl: string };
  let db: pg.Client;
  const at = (path: string): string => `http://127.0.0.1:${platform.port}${path}`;

  before(async () => {
    repository = await makeRepository();
    await writeNotes(repository);
    platform = await openPlatform(repository.root);
    db = new pg.Client({ connectionString: platform.databaseUrl });
    await db.connect();
    for (const tool of [
      { toolId: 'stock', name: 'Stock', permissions: ['stock:write', 'stock:list'] },
      { toolId: 'press', name: 'Press', permissions: ['press:start'] },
      { toolId: 'open-door', name: 'Open Door' },
    ])
      expect((await register(tool)).status, tool.toolId).to.equal(201);
  });
  after(async () => {
    await db.end();
    await platform.close();
    await repository.remove();
  });

  const register = (tool: object, headers: Record<string, string> = {}): ReturnType<typeof call> =>
    call(at('/api/tools'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(tool),
    });
  const openable = async (headers: Record<string, string>, q = ''): Promise<readonly string[]> => {
    const { body } = await call(at(`/api/session/tools?q=${q}`), { headers });
    return (body as { data: { toolId: string }[] }).data.map(({ toolId }) => toolId);
  };

  it('lists tools that the user may open: with a read permission, else any permission, else always', async () => {
    const all = ['notes', 'open-door', 'press', 'stock'];
    expect(await openable({})).to.deep.equal(all); // development mode grants all permissions
    expect(await openable(await signIn(at(''), ['*']))).to.deep.equal(all);
    expect(await openable(await signIn(at(''), ['rows:write']))).to.deep.equal(['open-door']);
    expect(await openable(await signIn(at(''), ['rows:read']))).to.deep.equal(['notes', 'open-door']);
    expect(await openable(await signIn(at(''), ['stock:list', 'press:start']))).to.deep.equal([
      'open-door',
      'press',
      'stock',
    ]);
  });

  it('finds tools by parts of name and id, prefixes first, without wildcards', async () => {
    expect(await openable({}, 'o')).to.deep.equal(['open-door', 'notes', 'stock']);
    expect(await openable({}, 'OPEN-D')).to.deep.equal(['open-door']);
    for (const q of ['%25', '_', "'; DROP TABLE tool_registry; --"])
      expect(await openable({}, q), q).to.deep.equal([]);
  });

  it('lets a session with the wildcard permission use a tool registered after the sign-in, with a small cookie', async () => {
    const session = await signIn(at(''), ['*']);
    expect(session['Cookie'].length).to.be.below(1000);
    expect(
      (await register({ toolId: 'late', name: 'Late', permissions: ['late:read'] }, session)).status,
    ).to.equal(201);
    expect(await openable(session, 'late')).to.deep.equal(['late']);
    expect((await call(at('/api/tools/notes/rows'), { headers: session })).body).to.deep.equal([
      { name: 'monolith' },
    ]);
    const { body } = await call(at('/api/session'), { headers: session });
    expect((body as { principal: object }).principal).to.deep.equal({ subject: 'ada', permissions: ['*'] });
  });

  it('refuses requests beyond the permissions of the session', async () => {
    const session = await signIn(at(''), ['stock:list']);
    expect((await call(at('/api/tools/notes/rows'), { headers: session })).status).to.equal(403);
    expect((await register({ toolId: 'never', name: 'Never' }, session)).status).to.equal(403);
  });

  it('reports the deployment of an exported tool, and none for a tool in the monolith', async () => {
    const of = async (toolId: string): Promise<unknown> =>
      (await call(at(`/api/registry/deployments/${toolId}`))).body as unknown;
    expect(await of('stock')).to.equal(null);
    await db.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root, deployment)
       VALUES ('stock', 'http://127.0.0.1:1', 'apps/stock-web', $1)`,
      [JSON.stringify(DEPLOYMENT)],
    );
    expect(await of('stock')).to.deep.equal(DEPLOYMENT);
    await db.query(`UPDATE tool_routes SET deployment = DEFAULT`);
    expect(await of('stock'), 'one that left before this was recorded').to.deep.equal({});
  });
});
