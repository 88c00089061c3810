import { expect } from 'chai';
import { addRoutes, addSection, assertExports, mountRoutes } from '../../generators/add/wiring.ts';
import { withEntry } from '../../generators/add/manifest-entry.ts';

const mount = (text: string): string =>
  mountRoutes(text, { file: 'index.ts', routes: 'xRoutes', from: './routes/x.routes.ts' });

describe('wiring of an addition', () => {
  it('mounts a router in any coding style', () => {
    const text = mount(
      "import { Router } from 'express';\nexport default function make(host: Host) {\n  const all = Router(); // ours\n  all.use(a(host));\n\n  return all;\n}\n",
    );
    expect(text).to.match(/all\.use\(a\(host\)\);\s+all\.use\(xRoutes\(host\)\);\s+return all;/);
    expect(text).to.contain('import { xRoutes } from');
  });

  it('wraps a single router in a new one, and imports it as a value', () => {
    const text = mount(
      "import type { Router } from 'express';\nimport { a } from './a.ts';\nexport default function createRouter(context: C): Router {\n  return a(context);\n}\n",
    );
    expect(text).to.match(
      /const router = Router\(\);\s+router\.use\(a\(context\)\);\s+router\.use\(xRoutes\(context\)\);\s+return router;/,
    );
    expect(text.match(/from ["']express["']/g)).to.have.length(1);
    expect(text).to.not.contain('import type { Router }');
  });

  it('refuses when the anchor is missing', () => {
    expect(() => mount('export const x = 1;')).to.throw(/index\.ts: the default export/);
    expect(() => mount('export default function f() {}')).to.throw(/a return statement/);
    expect(() => addRoutes('export const toolRoutes = [];', { file: 'r.ts', routes: ['{}'] })).to.throw(
      /toolRoutes\[0\]\.children/,
    );
    expect(() => addSection('export class Other {}', { file: 's.ts', path: 'x', title: 'X' })).to.throw(
      /ToolSectionsComponent/,
    );
    expect(() => assertExports('export const a = 1;', 'p.ts', ['a', 'b'])).to.throw(/its export b/);
  });

  it('adds a route before a wildcard, and refuses a duplicate path', () => {
    const table = (children: string): string =>
      `export const toolRoutes = [{ path: '', children: [${children}] }];`;
    const route = `{ path: 'late', component: X }`;
    const text = addRoutes(table(`{ path: 'a' }, { path: '**', redirectTo: '' }`), {
      file: 'r.ts',
      routes: [route],
    });
    expect(text.match(/path: '(\w+|\*\*)'/g)).to.deep.equal(["path: 'a'", "path: 'late'", "path: '**'"]);
    expect(() => addRoutes(table(route), { file: 'r.ts', routes: [route] })).to.throw(
      /r\.ts: route 'late' already exists/,
    );
  });

  it('adds to a manifest, and refuses an invalid result', () => {
    const manifest = JSON.stringify({
      id: 'x',
      name: 'X',
      version: '1.0.0',
      status: 'beta',
      route: '/tools/x',
    });
    const endpoint = { method: 'GET', path: '/y', summary: '', permissions: ['x:read'] } as const;
    const added = withEntry(manifest, { tables: ['x_ys'], endpoints: [endpoint] }, 'm');
    expect(JSON.parse(added)).to.deep.include({
      permissions: ['x:read'],
      endpoints: [endpoint],
      databaseSchema: { tables: ['x_ys'] },
    });
    expect(() => withEntry(added, { endpoints: [endpoint] }, 'm')).to.throw(/m would not be valid/);
  });
});
