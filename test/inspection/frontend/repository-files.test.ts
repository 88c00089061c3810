import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  makeRepository,
  manifestOf,
  problems,
  smallTool,
  type Repository,
} from '../../exporter/generate/web-app/repository.ts';

const FRONTEND = 'tools/field-notes/frontend';

describe('files of the repository that a web app cannot have', () => {
  let repository: Repository;
  beforeEach(async () => {
    repository = await makeRepository();
  });
  afterEach(() => repository.remove());

  it("refuses the import of the repository's package.json", async () => {
    const text = `import { version } from '../../../package.json';\nexport const shown = version;\n`;
    await repository.write(smallTool({ 'a.ts': text }));
    const { findings } = await repository.facts(manifestOf({}));
    expect(problems(findings)).to.deep.equal([`code-repository-file ${FRONTEND}/a.ts:1`]);
  });

  it('refuses the use of files that git ignores, and names the others', async () => {
    await repository.write({
      '.gitignore': '*.local.*\n',
      ...smallTool({
        'a.component.ts': `import { Component } from '@angular/core';
import { key } from './key.local.ts';
@Component({ selector: 'app-a', template: '', styleUrl: './look.local.css' })
export class A { readonly key = key; }
`,
        'key.local.ts': 'export const key = 1;\n',
        'look.local.css': 'p { color: red }\n',
        'notes.local.md': 'x\n',
      }),
    });
    await promisify(execFile)('git', ['init', '--quiet'], { cwd: repository.root });
    const { findings } = await repository.facts(manifestOf({}));
    expect(problems(findings)).to.deep.equal([
      `code-ignored-file ${FRONTEND}/a.component.ts:2`,
      `code-ignored-file ${FRONTEND}/a.component.ts:3`,
      `code-ignored-file ${FRONTEND}/notes.local.md`,
    ]);
  });
});
