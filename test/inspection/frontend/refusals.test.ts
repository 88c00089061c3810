import { expect } from 'chai';
import {
  makeRepository,
  manifestOf,
  problems,
  smallTool,
  type Repository,
} from '../../exporter/generate/web-app/repository.ts';

const FRONTEND = 'tools/field-notes/frontend';

/** Another tool with a component, a directive and a service. */
const OTHER_TOOL = {
  'tools/crm/frontend/customer-card.component.ts': `import { Component } from '@angular/core';
@Component({ selector: 'crm-customer-card', template: '<b>card</b>' })
export class CustomerCardComponent {}
@Component({ selector: 'app-notes', template: 'a name that both tools use' })
export class OtherNotesComponent {}
`,
  'tools/crm/frontend/highlight.directive.ts': `import { Directive } from '@angular/core';
@Directive({ selector: '[crmHighlight]' })
export class HighlightDirective {}
`,
  'tools/crm/frontend/crm-api.service.ts':
    'export class CrmApi {}\nexport interface Customer { readonly id: string }\n',
  'tools/crm/frontend/tool.routes.ts': 'export const toolRoutes = [];\n',
};

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** `code file:line`, the file below the tool's frontend. */
  readonly found: readonly string[];
}

const VIOLATIONS: readonly Case[] = [
  {
    title: "another tool's service",
    files: {
      'a.ts': `\nimport { CrmApi } from '../../crm/frontend/crm-api.service.ts';\nexport const x = CrmApi;\n`,
    },
    found: ['code-foreign-tool a.ts:2'],
  },
  {
    title: "another tool's type, by its alias",
    files: {
      'a.ts': `import type { Customer } from '#tools/crm/frontend/crm-api.service.ts';\nexport type C = Customer;\n`,
    },
    found: ['code-foreign-tool a.ts:1'],
  },
  {
    title: "a re-export of another tool's code",
    files: { 'a.ts': `export const n = 1;\nexport * from '../../crm/frontend/crm-api.service.ts';\n` },
    found: ['code-foreign-tool a.ts:2'],
  },
  {
    title: "another tool's component, loaded lazily",
    files: {
      'a.ts': `export const load = () =>\n  import('../../crm/frontend/customer-card.component.ts');\n`,
    },
    found: ['code-foreign-tool a.ts:2'],
  },
  {
    title: "another tool's code behind shared code",
    files: { 'a.ts': `import { x } from '#shared/bridge';\nexport const y = x;\n` },
    elsewhere: {
      'shared/bridge.ts': `import { CrmApi } from '../tools/crm/frontend/crm-api.service.ts';\nexport const x = CrmApi;\n`,
    },
    found: ['code-foreign-tool /shared/bridge.ts:1'],
  },
  {
    title: "another tool's element in an inline template",
    files: {
      'a.component.ts': `import { Component } from '@angular/core';\n@Component({\n  selector: 'app-a',\n  template: \`<p>\n    @if (true) {\n      <crm-customer-card />\n    }</p>\`,\n})\nexport class A {}\n`,
    },
    found: ['code-foreign-tool a.component.ts:6'],
  },
  {
    title: "another tool's directive in a template file",
    files: { 'a.html': '<p>x</p>\n<p crmHighlight>y</p>\n<p *crmHighlight>z</p>\n' },
    found: ['code-foreign-tool a.html:2', 'code-foreign-tool a.html:3'],
  },
  {
    title: 'computed imports',
    files: {
      'a.ts': `const name = 'x';\nexport const load = () => import(\`./\${name}.ts\`);\nexport const more = () =>\n  import(name);\n`,
    },
    found: ['code-computed-import a.ts:2', 'code-computed-import a.ts:4'],
  },
  {
    title: 'a package that is not installed',
    files: {
      'a.ts': `import { Component } from '@angular/core';\nimport x from 'left-pad-of-old';\nexport const y = [x, Component];\n`,
    },
    found: ['code-package-missing a.ts:2'],
  },
  {
    title: 'a Node.js module',
    files: { 'a.ts': `import { readFile } from 'node:fs';\nexport const x = readFile;\n` },
    found: ['code-builtin a.ts:1'],
  },
  {
    title: 'a file that does not exist',
    files: { 'a.ts': `\n\nimport { x } from './gone.ts';\nexport const y = x;\n` },
    found: ['code-import-unresolved a.ts:3'],
  },
  {
    title: 'a path out of the repository',
    files: { 'a.ts': `import { x } from '../../../../elsewhere/x.ts';\nexport const y = x;\n` },
    found: ['code-absolute-path a.ts:1'],
  },
  {
    title: 'a style sheet from outside the tool',
    files: { 'a.scss': `p { color: red }\n@use '../../crm/frontend/look';\n` },
    found: ['code-style-outside a.scss:2'],
  },
  {
    title: "another tool's element in a template from a constant of another file",
    files: {
      'a.template.ts': `const ROW = '<p>x</p>';\nexport const PAGE = \`\${ROW}\n  <crm-customer-card />\`;\n`,
      'a.component.ts': `import { Component } from '@angular/core';\nimport { PAGE } from './a.template.ts';\n@Component({ selector: 'app-a', template: PAGE })\nexport class A {}\n`,
    },
    found: ['code-foreign-tool a.template.ts:3'],
  },
  {
    title: "another tool's template and style sheets",
    files: {
      'a.component.ts': `import { Component } from '@angular/core';\n@Component({\n  selector: 'app-a',\n  templateUrl: '../../crm/frontend/card.html',\n  styleUrls: [\n    './own.css',\n    '../../crm/frontend/card.css',\n  ],\n})\nexport class A {}\n`,
      'own.css': 'p { color: red }\n',
    },
    found: ['code-path-escape a.component.ts:4', 'code-path-escape a.component.ts:7'],
  },
  {
    title: 'a worker of another tool',
    files: {
      'a.ts': `export const start = () =>\n  new Worker(new URL('../../crm/frontend/sums.worker.ts', import.meta.url));\n`,
    },
    found: ['code-path-escape a.ts:2'],
  },
  {
    title: "a reference to another tool's types",
    files: {
      'a.ts': `/// <reference path="../../crm/frontend/crm-api.service.ts" />\nexport const x = 1;\n`,
    },
    found: ['code-foreign-tool a.ts:1'],
  },
  {
    title: 'an attribute of another tool whose selector is a constant',
    files: { 'a.html': '<p>x</p>\n<p [crmTone]="1">y</p>\n' },
    elsewhere: {
      'tools/crm/frontend/tone.directive.ts': `import { Directive } from '@angular/core';\nconst NAME = '[crmTone]';\n@Directive({ selector: NAME })\nexport class Tone {}\n`,
    },
    found: ['code-foreign-tool a.html:2'],
  },
  {
    title: "another tool's element without a dash, and its attribute as an event or a two-way binding",
    files: { 'a.html': '<p>x</p>\n<crmlist />\n<p (crmTone)="1">y</p>\n<p [(crmTone)]="z">y</p>\n' },
    elsewhere: {
      'tools/crm/frontend/tone.ts': `import { Component, Directive } from '@angular/core';\n@Directive({ selector: '[crmTone]' })\nexport class Tone {}\n@Component({ selector: 'crmlist', template: '' })\nexport class List {}\n`,
    },
    found: ['code-foreign-tool a.html:2', 'code-foreign-tool a.html:3', 'code-foreign-tool a.html:4'],
  },
  {
    title: "another tool's style sheet in styles of a component",
    files: {
      'a.component.ts': `import { Component } from '@angular/core';\n@Component({\n  selector: 'app-a',\n  template: '',\n  styles: \`\n    @import '../../crm/frontend/look.css';\`,\n})\nexport class A {}\n`,
    },
    found: ['code-style-outside a.component.ts:6'],
  },
  {
    title: 'routes under another name',
    files: { 'tool.routes.ts': 'export const routes = [];\n' },
    found: ['code-frontend-missing tool.routes.ts:1'],
  },
  {
    title: 'browser storage and hard-coded addresses, as warnings',
    files: {
      'a.ts': `export const t = localStorage.getItem('t');\nexport const u = window.sessionStorage;\nexport const v = '/api/tools/field-notes/items';\nexport const w = \`/api/tools/crm/\${t}\`;\n`,
    },
    found: [
      'code-browser-storage a.ts:1',
      'code-browser-storage a.ts:2',
      'code-own-address a.ts:3',
      'code-undeclared-dependency a.ts:4',
    ],
  },
];

const ACCEPTED: readonly Omit<Case, 'found'>[] = [
  {
    title: 'a barrel, type imports and literal dynamic imports',
    files: {
      'types/index.ts': `export type { Note } from './note.ts';\nexport * from './note';\n`,
      'types/note.ts': 'export interface Note { readonly text: string }\nexport const none = 0;\n',
      'a.ts': `import { none, type Note } from './types';\nexport const x: [number, Note?] = [none];\nexport const load = () => import('./types/note.ts');\nexport const again = () => import(\`./types/note\`);\n`,
    },
  },
  {
    title: 'an element that both tools declare',
    files: { 'a.html': '<app-notes /><app-own crmlike="crmHighlight">crm-customer-card</app-own>\n' },
  },
  {
    title:
      'attributes and elements of everybody, though a directive of another tool asks for them, and bindings that ask for none',
    files: {
      'a.html': `<button type="submit" aria-label="x" routerLink="/" [disabled]="true" [formControl]="c" tabindex="0">x</button>
<input required type="search" [(ngModel)]="y" /><svg viewBox="0 0 1 1"><path d="M0 0" /></svg><label for="x">x</label>
<p [attr.crmHighlight]="1" [class.crmHighlight]="true" [style.crmHighlight]="1">x</p>
`,
    },
    elsewhere: {
      'tools/crm/frontend/all.ts': `import { Directive } from '@angular/core';
@Directive({ selector: 'input[type=search], input[required], [disabled], button[aria-label], a[routerLink], [routerLink], [ngModel]' })
export class Inputs {}
@Directive({ selector: 'svg, path, button, label[for], [tabindex], [formControl]' })
export class Elements {}
`,
    },
  },
  {
    title: "another tool's words in comments, texts and styles",
    files: {
      'a.ts': `// import '../../crm/frontend/crm-api.service.ts'\nexport const x = "import('../../crm')";\nexport const y = { localStorage: 1 };\n/* /api/tools/crm */\n`,
      'a.scss': `/* @use '../../crm/frontend/look'; */\np { background: url('data:image/svg+xml;base64,AA==') }\n`,
    },
  },
  {
    title: 'Material, rxjs, and templates with every kind of block',
    files: {
      'a.component.ts': `import { Component, signal } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { of } from 'rxjs';
@Component({ selector: 'app-a', imports: [MatButtonModule], templateUrl: './a.component.html' })
export class A { readonly rows = signal([of(1)]); }
`,
      'a.component.html': `@for (row of rows(); track $index) { <button matButton>{{ $index }}</button> } @empty { none }\n@defer { <p>x</p> } @placeholder { <p>y</p> }\n@switch (1) { @case (1) { <svg><path d="M0 0" /></svg> } }\n`,
    },
  },
  {
    title: 'own templates, styles and workers, by every kind of path',
    files: {
      'pages/a.component.ts': `import { Component } from '@angular/core';\nconst STYLE = '../look.css';\n@Component({ selector: 'app-a', templateUrl: '../a.html', styleUrls: [STYLE], host: { 'crm-customer-card': 'x' } })\nexport class A {\n  readonly worker = () => new Worker(new URL('../sums.worker.ts', import.meta.url));\n  readonly address = new URL('../../crm/items', document.baseURI);\n}\n`,
      'a.html': '<p title="crm-customer-card">crmHighlight</p>\n',
      'look.css': `p { color: red }\n`,
      'sums.worker.ts': `export const n = 1;\n`,
    },
  },
  {
    title: 'calls of a tool that the manifest lists',
    files: { 'a.ts': `export const url = '/api/tools/crm/customers';\n` },
  },
];

describe('frontend code that cannot be exported', function () {
  let repository: Repository;

  beforeEach(async () => {
    repository = await makeRepository();
    await repository.write(OTHER_TOOL);
  });
  afterEach(() => repository.remove());

  for (const { title, files, elsewhere = {}, found } of VIOLATIONS)
    it(`reports ${title}`, async () => {
      await repository.write({ ...smallTool(files), ...elsewhere });
      const { findings } = await repository.facts(manifestOf({}));
      const expected = found.map((one) => one.replace(' ', ` ${FRONTEND}/`).replace(`${FRONTEND}//`, ''));
      expect(problems(findings)).to.deep.equal(expected);
      for (const { remedy } of findings) expect(remedy).to.not.equal('');
    });

  for (const { title, files, elsewhere = {} } of ACCEPTED)
    it(`accepts ${title}`, async () => {
      await repository.write({ ...smallTool(files), ...elsewhere });
      const { findings } = await repository.facts(manifestOf({ dependencies: ['crm'] }));
      expect(findings).to.deep.equal([]);
    });

  it('reports all findings at once', async () => {
    await repository.write({
      ...smallTool(VIOLATIONS[0]?.files),
      ...smallTool({ 'b.ts': `import 'node:fs';\nimport './gone.ts';\n` }),
    });
    const { findings } = await repository.facts(manifestOf({}));
    expect(findings.map(({ code }) => code)).to.deep.equal([
      'code-foreign-tool',
      'code-builtin',
      'code-import-unresolved',
    ]);
  });
});
