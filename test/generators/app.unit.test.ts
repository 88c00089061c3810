import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { check } from 'prettier';
import { parseAnswers, suggestedName } from '../../generators/app/answers.ts';
import { checkWorkspaceTemplates } from '../../generators/app/check-templates.ts';
import { parseCommandLine } from '../../generators/app/flags.ts';
import { HOST_PACKAGES, TOOLCHAIN_PACKAGES } from '../../exporter/generate/service/service-packages.ts';
import { TOOLCHAIN } from '../../exporter/generate/web-app/web-packages.ts';
import { WORKSPACE_DEPENDENCIES, WORKSPACE_DEV_DEPENDENCIES } from '../../generators/app/packages.ts';
import { archiveOf, packageSpec } from '../../generators/app/package-spec.ts';
import { assertRoom, planWorkspace } from '../../generators/app/scaffold.ts';
import { removeRepository } from './support/scratch-repository.ts';
import { scratchFolder } from './support/workspace.ts';
import { OWN_PACKAGE } from '../../templating/roots.ts';

/** The files of a workspace that is not written. */
async function filesOf(answers: { name?: string; package?: string }): Promise<Record<string, string>> {
  const files = await planWorkspace(
    { name: 'Acme', package: '^1.0.0', example: false, ...answers },
    '/no/such/workspace',
  );
  return Object.fromEntries(files.map((file) => [file.path, file.after ?? '']));
}

const packageJson = (files: Record<string, string>): Record<string, unknown> =>
  JSON.parse(files['package.json'] ?? '') as Record<string, unknown>;

describe('workspace files', () => {
  let folder: string;
  beforeEach(() => {
    folder = scratchFolder();
  });
  afterEach(() => removeRepository(folder));

  it('are at most 40, and formatted as prettier of the workspace wants', async () => {
    const hostile =
      'A name so long that a line breaks, "quoted" and \'quoted\', `${x}` | */ <!-- 名前 \u202e ';
    for (const name of ['x', hostile]) {
      const files = await filesOf({ name });
      expect(Object.keys(files).length).to.be.at.most(40);
      const settings = JSON.parse(files['.prettierrc.json'] ?? '') as object;
      for (const [file, text] of Object.entries(files))
        if (/\.(ts|m?js|json|ya?ml|md)$/.test(file))
          expect(await check(text, { ...settings, filepath: file }), file).to.equal(true);
    }
  });

  for (const [name, expected] of [
    ['Ops & "Tools" of `$(id)`\u2028', 'ops-tools-of-id'],
    ['名前', 'workspace'],
    ['Express', 'express-workspace'],
    ['generator platform', 'generator-platform-workspace'],
  ] as const)
    it(`the name ${JSON.stringify(name)} is escaped, and the package is called ${expected}`, async () => {
      const files = await filesOf({ name });
      expect(packageJson(files)).to.deep.include({
        name: expected,
        description: name,
        platform: { title: name },
      });
      expect(files['README.md']).to.match(/^# [^\n\u2028]+\n\nThe tools of this team/);
      expect(files['docker-compose.poc.yml']).to.contain(`image: ${expected}:local\n`);
    });

  it('take every package from the platform, with its own range', async () => {
    const { dependencies, devDependencies } = packageJson(await filesOf({ package: 'next' }));
    expect(Object.keys(dependencies as object)).to.have.members([
      'generator-platform',
      ...WORKSPACE_DEPENDENCIES,
    ]);
    expect(Object.keys(devDependencies as object)).to.have.members([...WORKSPACE_DEV_DEPENDENCIES]);
    expect(dependencies).to.include({ 'generator-platform': 'next', pg: rangeOf('pg') });
    expect(devDependencies).to.include({ gulp: rangeOf('gulp') });
  });

  it('have every package that exported apps take from the lock file of the workspace', async () => {
    const { dependencies, devDependencies } = packageJson(await filesOf({}));
    expect({ ...(dependencies as object), ...(devDependencies as object) }).to.include.keys(
      ...HOST_PACKAGES,
      ...TOOLCHAIN_PACKAGES,
      ...TOOLCHAIN,
    );
  });

  it('have the commands of npm that the README of the platform names', async () => {
    const { scripts } = packageJson(await filesOf({}));
    expect(scripts).to.include.keys(
      ...['start', 'dev', 'gulp', 'export-tool', 'token', 'tool:migrate', 'templates:check', 'format'],
      ...['check', 'test'],
    );
  });

  it("the container of the platform copies an archive of the workspace, and no other one's", async () => {
    const inside = await filesOf({ package: 'file:vendor/platform.tgz' });
    expect(inside['docker/platform.Dockerfile']).to.contain('COPY vendor/platform.tgz vendor/platform.tgz\n');
    expect(inside['.dockerignore']).to.contain('!vendor/platform.tgz\n');
    expect(archiveOf('file:../platform.tgz')).to.equal(null);
    expect(archiveOf('file:/platform.tgz')).to.equal(null);
  });

  it('take a version, a tag, an address and a path as the platform, and refuse other texts', () => {
    mkdirSync(path.join(folder, 'acme'));
    writeFileSync(path.join(folder, 'platform-1.0.0.tgz'), '');
    const spec = (given: string): string =>
      packageSpec(given, { cwd: folder, root: path.join(folder, 'acme') });
    for (const given of [
      '^1.0.0',
      '1 || >=2.3',
      'latest',
      'https://x.test/a.tgz',
      'git+ssh://git@x.test/a.git',
    ])
      expect(spec(` ${given}`)).to.equal(given);
    for (const given of [
      'platform-1.0.0.tgz',
      './platform-1.0.0.tgz',
      'file:platform-1.0.0.tgz',
      `${folder}/platform-1.0.0.tgz`,
    ])
      expect(spec(given)).to.equal('file:../platform-1.0.0.tgz');
    expect(spec('.')).to.equal('file:..');
    expect(() => spec('~/none.tgz')).to.throw(`${homedir()}/none.tgz does not exist`);
    for (const given of ['', ' ', 'a b', '"; rm -rf /', 'ftp://x.test/a.tgz', 'https://x y'])
      expect(() => spec(given), given).to.throw('must be a version');
  });

  it('need one folder, a readable file of answers, known answers and a name of one line', () => {
    const answersOf = (...args: string[]): unknown =>
      parseAnswers(parseCommandLine(args, folder).given, { version: '1.2.3' });
    writeFileSync(path.join(folder, 'answers.json'), '{ "name": " Acme ", "colour": "red" }');
    expect(() => answersOf('a', 'b')).to.throw(
      'One folder at a time: a, b. Run: npx generator-platform app a',
    );
    expect(() => answersOf('--answers=none.json')).to.throw('--answers=none.json: ENOENT');
    expect(() => answersOf('--answers=answers.json')).to.throw('/colour: is not a known field');
    for (const name of ['', '  ', 'two\nlines', 'x'.repeat(101)])
      expect(() => answersOf(`--name=${name}`), name).to.throw(/name/);
    writeFileSync(path.join(folder, 'answers.json'), '{ "name": " Acme ", "example": true }');
    const acme = { name: 'Acme', package: '^1.2.3', example: true };
    expect(answersOf('--answers=answers.json')).to.deep.equal(acme);
    expect(answersOf('--answers=answers.json', '--name=X')).to.deep.equal({ ...acme, name: 'X' });
  });

  it("are refused for a file, for the platform's own repository, and in a path without aliases", () => {
    writeFileSync(path.join(folder, 'file'), '');
    mkdirSync(path.join(folder, 'platform'));
    writeFileSync(path.join(folder, 'platform/package.json'), '{ "name": "generator-platform" }');
    expect(() => assertRoom(path.join(folder, 'file'))).to.throw('is a file. Choose another folder.');
    expect(() => assertRoom(path.join(folder, 'platform'))).to.throw("the platform's own repository");
    expect(() => assertRoom(path.join(folder, 'a*b'))).to.throw('resolves no imports by alias');
    assertRoom(path.join(folder, 'new'));
  });

  it('are checked with the overrides of a workspace, whose problems name file and line', async () => {
    expect(await checkWorkspaceTemplates(folder)).to.deep.equal([]);
    mkdirSync(path.join(folder, 'templates.local/workspace'), { recursive: true });
    const override = (name: string, text: string): void =>
      writeFileSync(path.join(folder, 'templates.local/workspace', name), text);
    override('README.md.ejs', '# Ours\n<%= nope %>\n');
    expect(await checkWorkspaceTemplates(folder)).to.include(
      'templates.local/workspace/README.md.ejs:2: nope is not defined',
    );
    override('README.md.ejs', '# Ours\n');
    override('dockerignore.ejs', '{ "no": "list" }\n');
    expect(await checkWorkspaceTemplates(folder)).to.satisfy(([problem = '']: readonly string[]) =>
      problem.startsWith('templates.local/workspace/dockerignore.ejs:1: renders .dockerignore'),
    );
    override('dockerignore.ejs', '*\n');
    override('gulpfile.ts', 'imp ort;\n');
    expect(await checkWorkspaceTemplates(folder)).to.satisfy(([problem = '']: readonly string[]) =>
      problem.startsWith('templates.local/workspace/gulpfile.ts:1: the rendered file does not parse'),
    );
  });

  it('are refused where a folder has the name of a file', async () => {
    for (const name of ['.npmrc/x', 'docker']) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), '');
    }
    const acme = { name: 'Acme', package: '^1.0.0', example: false };
    await planWorkspace(acme, folder).then(
      () => expect.fail('planned'),
      (error: unknown) =>
        expect(String(error)).to.match(/(\.npmrc|docker\/[^ ]+) is needed for a file .*Move it away/),
    );
  });

  it('are named after their folder by default', () => {
    expect(suggestedName('/srv/ops-tools')).to.equal('Ops Tools');
    expect(suggestedName('/srv/名前')).to.equal('Workspace');
  });
});

function rangeOf(name: string): string {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(path.join(OWN_PACKAGE, 'package.json'), 'utf8'),
  ) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  return { ...dependencies, ...devDependencies }[name] ?? '';
}
