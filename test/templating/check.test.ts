import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { templatesBelow } from '../../templating/check-syntax.ts';
import { removeRepository, scratchRepository, SOURCE } from '../generators/support/scratch-repository.ts';

describe('npm run templates:check', function () {
  let root: string;

  beforeEach(() => {
    root = scratchRepository();
  });
  afterEach(() => removeRepository(root));

  const override = (template: string, change: (text: string) => string): void => {
    const file = path.join(root, 'templates.local', template);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, change(readFileSync(path.join(SOURCE, 'templates', template), 'utf8')));
  };
  const check = async (script = ''): Promise<{ exitCode?: number; stdout: string; stderr: string }> => {
    const module = JSON.stringify(path.join(SOURCE, 'templating/bin/check.ts'));
    const code = `await import(${module});${script}`;
    return execa(process.execPath, ['--input-type=module', '-e', code], { cwd: root, reject: false });
  };

  it('renders every template that there is', async () => {
    const all = templatesBelow(SOURCE, 'templates');
    for (const template of all)
      override(
        template,
        (text) => `${text}<%_ (globalThis.seen ??= new Set()).add(${JSON.stringify(template)}) _%>\n`,
      );
    const { exitCode, stdout, stderr } = await check(
      'console.log(JSON.stringify([...globalThis.seen].sort()))',
    );
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(JSON.parse(stdout.split('\n').at(-1) ?? '')).to.deep.equal(all);
  });

  it('names each broken override with file and line, and ends with 3', async () => {
    override('tool/backend/index.ts.ejs', (text) => `// one\n<%= nope %>\n${text}`);
    override('service/src/host/app.ts.ejs', (text) => `${text}\nconst = ;\n`);
    override('web/angular.json.ejs', (text) => text.replace('{', '{{'));
    override('infra/gateway-route.conf.ejs', (text) => `${text}\n}\n`);
    const { exitCode, stderr } = await check();
    expect(exitCode).to.equal(3);
    expect(stderr).to.contain('templates.local/tool/backend/index.ts.ejs:2: nope is not defined');
    expect(stderr).to.contain(
      'templates.local/service/src/host/app.ts.ejs:1: the result does not parse: src/host/app.ts: ',
    );
    expect(stderr).to.contain(
      'templates.local/web/angular.json.ejs:1: the result does not parse: angular.json: ',
    );
    expect(stderr).to.match(/gateway\/conf\.d\/x\.conf: a brace is closed that was not opened/);
  });
});
