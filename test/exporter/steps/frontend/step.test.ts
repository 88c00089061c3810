import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { parseSettings } from '../../../../contracts/settings.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { planStep } from '../../../../exporter/core/step.ts';
import { frontendStep } from '../../../../exporter/steps/frontend/index.ts';
import { carryOut, factsOf, portsOf, undoAll } from '../../generate/web-app/ports.ts';
import {
  makeRepository,
  manifestOf,
  problems,
  smallTool,
  type Repository,
} from '../../generate/web-app/repository.ts';

const APP = 'apps/field-notes-web';

const RULES = `import angular from 'angular-eslint';
import tseslint from 'typescript-eslint';
export default tseslint.config(
  { files: ['**/*.ts'], extends: [tseslint.configs.base], processor: angular.processInlineTemplates, rules: { 'no-console': 'error' } },
  { files: ['**/*.html'], extends: [angular.configs.templateAccessibility] },
);
`;

describe('the step that generates the frontend app', function () {
  let repository: Repository;
  const manifest = manifestOf({});
  const inApp = (file: string): boolean => existsSync(path.join(repository.root, APP, file));
  const planOf = async (): Promise<readonly Change[]> =>
    planStep(frontendStep, factsOf(manifest, await repository.facts(manifest)));

  beforeEach(async () => {
    repository = await makeRepository();
  });
  afterEach(() => repository.remove());

  it('creates and builds the app although its cache cannot be written, and removes it completely', async () => {
    await repository.write(smallTool());
    const unwritable = path.join(repository.root, 'package.json/cache');
    const ports = {
      ...portsOf(repository.root),
      settings: parseSettings({ PLATFORM_BUILD_CACHE: unwritable }),
    };
    const plan = await planOf();
    expect(await carryOut(plan, ports)).to.deep.equal([
      `Angular app created at ${APP}/`,
      'Components copied',
      'API service configured',
      'Build successful',
    ]);
    expect(await repository.read(`${APP}/dist/browser/index.html`)).to.include(
      '<base href="/tools/field-notes/"',
    );
    expect(inApp('.angular')).to.equal(false);

    await undoAll(plan, ports);
    await undoAll(plan, ports);
    expect(existsSync(path.join(repository.root, 'apps'))).to.equal(false);
    expect((await readdir(repository.root)).includes('tools')).to.equal(true);
  });

  it('replaces the output of an earlier export, merges edits on request, and never loses an edit', async () => {
    await repository.write(smallTool());
    const ports = portsOf(repository.root);
    const withoutBuild = (plan: readonly Change[]): readonly Change[] =>
      plan.filter(({ kind }) => kind !== 'build-web-app');
    await carryOut(withoutBuild(await planOf()), ports);
    expect(problems((await repository.facts(manifest)).findings)).to.deep.equal([]);

    const edited = (await repository.read(`${APP}/src/styles.scss`)) + '.mine { color: red }\n';
    await repository.write({ [`${APP}/src/styles.scss`]: edited });
    expect(problems((await repository.facts(manifest)).findings)).to.deep.equal([
      `output-edited ${APP}/src/styles.scss`,
    ]);
    const kept = await repository.facts(manifest, { keepEdits: true });
    expect(problems(kept.findings)).to.deep.equal([]);
    const plan = planStep(frontendStep, factsOf(manifest, kept));
    await carryOut(withoutBuild(plan), ports);
    expect(await repository.read(`${APP}/src/styles.scss`)).to.equal(edited);

    await repository.write({ [`${APP}/src/app/tool.routes.ts`]: 'export const toolRoutes = [];\n' });
    await undoAll(plan, ports);
    expect(await repository.read(`${APP}/src/styles.scss`)).to.equal(edited);
    expect(await repository.read(`.platform/kept/${APP}/src/app/tool.routes.ts`)).to.include(
      'toolRoutes = []',
    );
  });

  it('refuses to replace a folder that no export has made', async () => {
    await repository.write({ ...smallTool(), [`${APP}/index.html`]: 'mine' });
    expect(problems((await repository.facts(manifest)).findings)).to.deep.equal([`target-exists ${APP}`]);
  });

  it('undoes a change that a crash interrupted', async () => {
    await repository.write(smallTool());
    const ports = portsOf(repository.root);
    const plan = await planOf();
    await carryOut(plan.slice(0, 2), ports);
    await undoAll(plan, ports);
    expect(existsSync(path.join(repository.root, 'apps'))).to.equal(false);
  });

  it('fails with the errors of the build and of the repository’s lint rules, in the tool’s own file', async () => {
    const text = `import { Component } from '@angular/core';
@Component({ selector: 'app-notes', template: '<h1>{{ missing }}</h1><a (click)="go()">x</a>' })
export class NotesComponent { go(): void { console.log('x'); } }
`;
    await repository.write({
      ...smallTool({ 'components/notes.component.ts': text }),
      'eslint.config.js': RULES,
    });
    const failure = await carryOut(await planOf(), portsOf(repository.root)).then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(failure)
      .to.include('Angular build failed')
      .and.include('tools/field-notes/frontend/components/notes.component.ts:2')
      .and.include('missing')
      .and.include('ESLint failed')
      .and.include('no-console')
      .and.include('click-events-have-key-events');
    expect(inApp('dist/browser/index.html')).to.equal(false);
  });

  it('plans the same changes for the same sources, without secrets', async () => {
    await repository.write(smallTool());
    const [first, second] = [await planOf(), await planOf()];
    expect(JSON.parse(JSON.stringify(first))).to.deep.equal(second);
    const files = first.flatMap((change) => Object.keys((change.after as { files?: object }).files ?? {}));
    expect(files).to.have.length(new Set(files).size);
    expect(files).to.include.members(['package-lock.json', '.export.json', 'src/app/tool.routes.ts']);
  });
});
