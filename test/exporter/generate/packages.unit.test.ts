import { expect } from 'chai';
import { servicePackages, HOST_PACKAGES } from '../../../exporter/generate/service/service-packages.ts';
import { packagesOfWebApp } from '../../../exporter/generate/web-app/web-packages.ts';
import {
  packagesOf,
  type ImportEdge,
  type ImportGraph,
  type ImportKind,
  type PackageLock,
} from '../../../inspection/index.ts';

const edge = (file: string, kind: ImportKind, name: string): ImportEdge => ({
  file,
  kind,
  specifier: name,
  line: 1,
  start: 0,
  end: 0,
  target: { kind: 'package', name },
});

const graphOf = (edges: readonly ImportEdge[]): ImportGraph => ({
  own: [],
  carried: [],
  computed: [],
  sources: new Map(),
  edges,
  packages: packagesOf(edges),
});

const lockOf = (...names: readonly string[]): PackageLock => ({
  name: 'x',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: Object.fromEntries(names.map((name, i) => [`node_modules/${name}`, { version: `${i + 1}.0.0` }])),
});

describe('packages of an exported service', () => {
  const graph = graphOf([
    edge('run.ts', 'import', 'zod'),
    edge('run.ts', 'type', 'pg'),
    edge('run.ts', 'type', 'geojson'),
    edge('test.ts', 'import', 'sinon'),
  ]);
  const lock = lockOf('zod', 'sinon', '@types/geojson', '@types/sinon', 'express', '@types/express');
  const { dependencies, devDependencies } = servicePackages(graph, new Set(['run.ts']), lock);

  it('lists packages that running code or the host imports as dependencies', () => {
    expect(dependencies).to.deep.equal({ express: '5.0.0', zod: '1.0.0' });
    expect(HOST_PACKAGES).to.include('express');
  });

  it('lists packages that only tests or types need as development dependencies, with their types', () => {
    expect(devDependencies).to.deep.equal({
      '@types/express': '6.0.0',
      '@types/geojson': '3.0.0',
      '@types/sinon': '4.0.0',
      sinon: '2.0.0',
    });
  });
});

describe('packages of an exported web app', () => {
  const graph = graphOf([
    edge('app.ts', 'import', 'rxjs'),
    edge('app.ts', 'type', 'geojson'),
    edge('app.spec.ts', 'import', 'chai'),
    edge('app.ts', 'import', 'gone'),
  ]);
  const host = { 'src/main.ts': `import { x } from '@angular/core';\nimport type { Y } from 'typed';\n` };
  const styles = { 'src/look.scss': `@use '@angular/cdk' as cdk;\n// @use 'express';\n@use 'sass:map';\n` };
  const lock = lockOf(
    'rxjs',
    '@types/geojson',
    'chai',
    '@angular/core',
    '@angular/cdk',
    'typed',
    '@types/rxjs',
  );
  const packages = packagesOfWebApp(graph, new Set(['app.ts']), host, styles, lock);

  it('lists packages that the bundle, the host or a style sheet imports as dependencies', () => {
    expect(Object.keys(packages.dependencies)).to.deep.equal(['@angular/cdk', '@angular/core', 'rxjs']);
  });

  it('lists packages that only specs or types need as development dependencies, with their types', () => {
    expect(Object.keys(packages.devDependencies)).to.deep.equal([
      '@types/geojson',
      '@types/rxjs',
      'chai',
      'typed',
    ]);
  });

  it('reports a package missing from the lock file, with the file that imports it', () => {
    expect(packages.missing).to.deep.include({ name: 'gone', file: 'app.ts' });
  });
});
