import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Manifest } from '../../../../contracts/manifest.ts';
import type { GeneratedWebApp } from '../../../../exporter/generate/web-app/generate-web-app.ts';
import { externalsOf } from './externals.ts';
import {
  COMMIT,
  SOURCE,
  inventoryTracker,
  makeRepository,
  manifestOf,
  problems,
  smallTool,
  type Repository,
} from './repository.ts';

describe('the web app of an exported tool', () => {
  let repository: Repository;
  let manifest: Manifest;
  let facts: GeneratedWebApp;

  before(async () => {
    repository = await makeRepository();
    manifest = await inventoryTracker(repository);
    facts = await repository.facts(manifest);
  });
  after(() => repository.remove());

  it('has the file tree of an Angular application', () => {
    expect(facts.files).to.include.keys(
      'package.json',
      'package-lock.json',
      'angular.json',
      'tsconfig.json',
      'README.md',
      'Dockerfile',
      '.dockerignore',
      'src/main.ts',
      'src/index.html',
      'src/app/app.component.ts',
      'src/app/app.config.ts',
      'src/app/app.routes.ts',
      'src/environments/environment.ts',
      'src/environments/environment.prod.ts',
      'src/app/tool.routes.ts',
    );
    expect(problems(facts.findings)).to.deep.equal([]);
  });

  it("carries every file of the tool's frontend byte for byte", async () => {
    const folder = path.join(SOURCE, 'tools/inventory-tracker/frontend');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((e) => path.join(e.parentPath, e.name));
    expect(files).to.have.length.above(5);
    for (const file of files) {
      const relative = path.relative(folder, file).split(path.sep).join('/');
      expect(facts.files[`src/app/${relative}`], relative).to.equal(
        await repository.read(`tools/inventory-tracker/frontend/${relative}`),
      );
      expect(facts.carried).to.include(`src/app/${relative}`);
    }
  });

  it('keeps the whole tool below src/tool/ when one of its files has a name of the app', async () => {
    const own = await makeRepository();
    await own.write({ 'tools/inventory-tracker/frontend/app.config.ts': 'export const mine = 1;\n' });
    const { files, findings } = await own.facts(manifest);
    expect(files['src/tool/frontend/app.config.ts']).to.equal('export const mine = 1;\n');
    expect(files['src/app/app.config.ts']).to.equal(facts.files['src/app/app.config.ts']);
    expect(files['src/app/app.routes.ts']).to.include("import('../tool/frontend/tool.routes')");
    expect(files).not.to.have.property('src/app/tool.routes.ts');
    expect(findings.map(({ code }) => code)).to.include('code-below-tool');
    await own.remove();
  });

  it('uses the local service in development and the gateway in production', () => {
    expect(facts.files['src/environments/environment.ts']).to.include(
      "apiUrl: 'http://localhost:3004/api/inventory-tracker'",
    );
    expect(facts.files['src/environments/environment.prod.ts']).to.include(
      "apiUrl: '/api/inventory-tracker'",
    );
    expect(facts.files['angular.json']).to.include('"baseHref": "/tools/inventory-tracker/"');
  });

  it('generates the same bytes twice', async () => {
    expect(await repository.facts(manifest)).to.deep.equal(facts);
  });

  it('records the commit and the checksum of each file', () => {
    const record = JSON.parse(facts.files['.export.json'] ?? '');
    expect(record).to.include({ tool: 'inventory-tracker', commit: COMMIT });
    expect(Object.keys(record.files).sort()).to.deep.equal(
      Object.keys(facts.files)
        .filter((file) => file !== '.export.json')
        .sort(),
    );
  });

  it('depends on exactly the packages it imports, at the versions of the repository', async () => {
    const own = await makeRepository();
    await own.write(
      smallTool({
        'services/export.ts': `import { Workbook } from 'js-yaml';\nexport const x = Workbook;\n`,
        'tool.routes.ts': `import { x } from './services/export';\nexport const toolRoutes = [x];\n`,
        'types/form.ts': `import type { FormGroup } from '@angular/forms';\nexport type F = FormGroup;\n`,
        'look.scss': `@use '@angular/cdk' as cdk;\n// @use 'express';\n@use 'sass:map';\n`,
      }),
    );
    const { files } = await own.facts(manifestOf({}));
    await own.remove();
    const { dependencies, devDependencies } = JSON.parse(files['package.json'] ?? '');
    const lock = JSON.parse(await repository.read('package-lock.json'));
    expect(Object.keys(dependencies)).to.deep.equal([
      '@angular/cdk',
      '@angular/common',
      '@angular/core',
      '@angular/material',
      '@angular/platform-browser',
      '@angular/router',
      'js-yaml',
      'rxjs',
    ]);
    expect(Object.keys(devDependencies)).to.include.members([
      '@angular/forms',
      '@angular/build',
      'typescript',
    ]);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(version, name).to.equal(lock.packages[`node_modules/${name}`].version);
    const cut = JSON.parse(files['package-lock.json'] ?? '').packages;
    expect(cut['node_modules/plop']).to.equal(undefined);
    for (const [folder, entry] of Object.entries<{ integrity: string }>(cut))
      if (folder !== '') expect(entry.integrity, folder).to.equal(lock.packages[folder].integrity);
  });

  it('depends on every import of its bundle, and on other imports for development only', async () => {
    const own = await makeRepository();
    await own.write(
      smallTool({
        'components/notes.component.ts': `import 'tslib';
export * from '../barrel';
export const later = () => import('diff');
export const work = () => new Worker(new URL('../sums.worker.ts', import.meta.url));
export class NotesComponent {}
`,
        'barrel.ts': `export { of } from 'rxjs';\nexport type { Params } from './types';\n`,
        'types.ts': `import type { ParamsDictionary } from 'express-serve-static-core';\nimport type Ajv from 'ajv';\nexport type Params = ParamsDictionary | Ajv;\n`,
        'sums.worker.ts': `import semver from 'semver';\nexport const x = semver;\n`,
        'testing/fake-notes.ts': `import { load } from 'js-yaml';\nexport const fake = load;\n`,
        'barrel.spec.ts': `import { fake } from './testing/fake-notes';\nimport 'yaml';\nexport { fake };\n`,
      }),
    );
    const { files, findings } = await own.facts(manifestOf({}));
    await own.write(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`apps/field-notes-web/${file}`, text])),
    );
    const app = path.join(own.root, 'apps/field-notes-web');
    const { dependencies, devDependencies } = JSON.parse(files['package.json'] ?? '');
    const externals = await externalsOf(app, ['src/app/sums.worker.ts']);
    await own.remove();
    expect(problems(findings)).to.deep.equal([]);
    // The metafile omits style sheets; the host's style sheet uses Material
    expect(Object.keys(dependencies)).to.deep.equal([...externals, '@angular/material'].sort());
    expect(externals).to.include.members(['diff', 'rxjs', 'semver', 'tslib']);
    expect(Object.keys(devDependencies)).to.include.members([
      '@types/express-serve-static-core',
      'ajv',
      'js-yaml',
      'yaml',
    ]);
  });

  it('carries shared code and adapts relative imports that leave the tool', async () => {
    const own = await makeRepository();
    await own.write({
      ...smallTool({
        'a.ts': `import { days } from '#shared/time';\nimport { TOOL_WEB_CONTEXT } from '#contracts/tool-web';\nexport const a = [days, TOOL_WEB_CONTEXT];\n`,
        'b.ts': `import { days } from '../../../shared/time.ts';\nimport type { Note } from '../backend/types/note.ts';\nexport const b: [number, Note?] = [days];\n`,
      }),
      'tools/field-notes/backend/types/note.ts': 'export interface Note { readonly text: string }\n',
      'shared/time.ts': `import { week } from './week.ts';\nexport const days = week;\n`,
      'shared/week.ts': 'export const week = 7;\n',
    });
    const { files, findings } = await own.facts(manifestOf({}));
    expect(problems(findings)).to.deep.equal([]);
    expect(files['src/shared/time.ts']).to.equal(await own.read('shared/time.ts'));
    expect(files['src/shared/week.ts']).to.equal(await own.read('shared/week.ts'));
    expect(files['src/backend/types/note.ts']).to.equal(
      await own.read('tools/field-notes/backend/types/note.ts'),
    );
    expect(files['src/app/a.ts']).to.equal(await own.read('tools/field-notes/frontend/a.ts'));
    expect(files['src/app/b.ts'])
      .to.include(`from '../shared/time.ts'`)
      .and.include(`'../backend/types/note.ts'`);
    expect(findings.map(({ code, line }) => `${code}:${String(line)}`)).to.deep.equal(['import-adapted:1']);
    await own.remove();
  });

  it('keeps a hostile name out of code, markup and configuration', async () => {
    const own = await makeRepository();
    const name = `</title><script>alert(1)</script> "\${x}\` {{ 1 }} 'q' \\`;
    await own.write(smallTool());
    const { files } = await own.facts(manifestOf({ name, description: '`rm -rf /` | <b>x</b>\n# y' }));
    await own.remove();
    expect(files['src/index.html']).to.include('<title>&#60;/title').and.not.include('<script>');
    const line = /name = (.*);/.exec(files['src/app/app.component.ts'] ?? '')?.[1] ?? '';
    expect(new Function(`return ${line}`)()).to.equal(name); // eslint-disable-line @typescript-eslint/no-implied-eval
    expect(files['README.md']).to.not.include('<b>');
    for (const file of ['Dockerfile', 'nginx.conf', 'angular.json', 'src/environments/environment.ts'])
      expect(files[file], file).to.not.include('alert');
  });
});
