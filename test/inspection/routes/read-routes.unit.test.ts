import { expect } from 'chai';
import { Project } from 'ts-morph';
import { readRoutes } from '../../../inspection/routes/read-routes.ts';

function routesOf(body: string): { routes: readonly string[]; unreadable: number } | null {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const source = project.createSourceFile('index.ts', body);
  const read = readRoutes(source, [source]);
  if (read === null) return null;
  return {
    routes: read.routes.map(({ method, path }) => `${method} ${path}`),
    unreadable: read.unreadable.length,
  };
}

const create = (body: string): string => `
declare function Router(): any;
declare const handler: any;
export default function createRouter() {
  const router = Router();
  ${body}
  return router;
}`;

describe('reading routes', () => {
  it('reads chained verbs and lists of paths', () => {
    const body = `router.get(['/a', '/b'], handler).post('/c', handler); router.route('/d').get(handler).delete(handler);`;
    expect(routesOf(create(body))?.routes).to.have.members([
      'GET /a',
      'GET /b',
      'POST /c',
      'GET /d',
      'DELETE /d',
    ]);
  });

  it('reads mounted routers below their path', () => {
    const body = `const inner = Router(); inner.put('/:id', handler); router.use('/things', handler, inner);`;
    expect(routesOf(create(body))).to.deep.equal({ routes: ['PUT /things/:id'], unreadable: 0 });
  });

  it('reads applications that are mounted like routers, whatever Express is called', () => {
    const mounts = `const sub = express(); sub.get('/x', handler); router.use('/sub', sub);`;
    for (const head of [
      `import express from 'express';`,
      `import * as express from 'express';`,
      `import { default as express } from 'express';`,
      `import web from 'express'; const express = web;`,
      `const express = require('express');`,
    ])
      expect(routesOf(head + create(mounts)), head).to.deep.equal({ routes: ['GET /sub/x'], unreadable: 0 });
    expect(routesOf(`import express from 'fastify';${create(mounts)}`)?.routes).to.deep.equal([]);
  });

  it('reads an application that createRouter returns, and one that a function creates', () => {
    const app = `import express from 'express'; declare const handler: any;
      const admin = () => { const app = express(); app.delete('/@all', handler); return app; };
      export default () => { const app = express(); app.set('etag', false); app.get('/a', handler); app.use('/admin', admin()); return app; };`;
    expect(routesOf(app)).to.deep.equal({ routes: ['GET /a', 'DELETE /admin/@all'], unreadable: 0 });
  });

  it('reads verbs that a loop iterates over', () => {
    const body = `for (const verb of ['get', 'patch'] as const) router[verb]('/x', handler);`;
    expect(routesOf(create(body))?.routes).to.deep.equal(['GET /x', 'PATCH /x']);
  });

  it('reports a route as unreadable when its path or verb is computed', () => {
    const body = `router.get(String(Date.now()), handler); router[String(1)]('/x', handler);`;
    expect(routesOf(create(body))).to.deep.equal({ routes: [], unreadable: 2 });
  });

  it('ignores get with a setting name and no handler', () => {
    expect(routesOf(create(`router.get('setting');`))?.routes).to.deep.equal([]);
  });

  it('returns null when the default export returns no router', () => {
    expect(routesOf('export default function create() { return 1; }')).to.equal(null);
  });
});
