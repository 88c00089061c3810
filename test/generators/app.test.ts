import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa, execaSync } from 'execa';
import helpers from 'yeoman-test';
import WorkspaceGenerator from '../../generators/app/index.ts';
import { removeRepository, SOURCE, treeOf } from './support/scratch-repository.ts';
import { generatorPlatform, scratchFolder, writeWorkspace } from './support/workspace.ts';

const FLAGS = ['--name=Acme tools', '--package=^1.2.0', '--no-install'];

describe('generator-platform app', function () {
  this.timeout(600_000);
  let folder: string;
  const inFolder = (file: string): string => path.join(folder, file);

  beforeEach(() => {
    folder = scratchFolder();
  });
  afterEach(() => removeRepository(folder));

  it('prints a dry run that git apply turns into the same workspace, and writes nothing', async () => {
    const dry = await generatorPlatform(folder, ['app', 'acme', ...FLAGS, '--dry-run']);
    expect([dry.exitCode, treeOf(folder, '.')]).to.deep.equal([0, {}]);
    mkdirSync(inFolder('applied'));
    await execa('git', ['init', '-q'], { cwd: inFolder('applied') });
    await execa('git', ['apply', '-'], { cwd: inFolder('applied'), input: dry.stdout });
    rmSync(inFolder('applied/.git'), { recursive: true });
    const made = await generatorPlatform(folder, ['app', 'acme', ...FLAGS]);
    expect([made.exitCode, made.stderr]).to.deep.equal([0, '']);
    expect(treeOf(folder, 'acme')).to.deep.equal(treeOf(folder, 'applied'));
  });

  it('changes nothing when it is called again with the same answers, as flags or in a file', async () => {
    await generatorPlatform(folder, ['app', 'acme', ...FLAGS]);
    const made = treeOf(folder, 'acme');
    const written = statSync(inFolder('acme/.scaffold.json')).mtimeMs;
    writeFileSync(inFolder('answers.json'), '{ "name": " Acme tools ", "package": "^1.2.0" }');
    const again = await generatorPlatform(folder, ['app', 'acme', '--answers=answers.json', '--no-install']);
    expect([again.exitCode, again.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 0 && text.includes('nothing was written'),
    );
    expect(treeOf(folder, 'acme')).to.deep.equal(made);
    expect(statSync(inFolder('acme/.scaffold.json')).mtimeMs).to.equal(written);
  });

  it('refuses to overwrite any file of a folder that is in use, unless forced, and keeps all others', async () => {
    writeFileSync(inFolder('README.md'), '# Ours\n');
    writeFileSync(inFolder('.gitignore'), 'ours\n');
    writeFileSync(inFolder('notes.txt'), 'ours\n');
    const before = treeOf(folder, '.');
    const refused = await generatorPlatform(folder, ['app', ...FLAGS]);
    expect(refused.exitCode).to.equal(3);
    expect(refused.stderr).to.contain('  README.md\n  .gitignore\n').and.to.contain('--force');
    expect(treeOf(folder, '.')).to.deep.equal(before);
    expect((await generatorPlatform(folder, ['app', ...FLAGS, '--force'])).exitCode).to.equal(0);
    expect(readFileSync(inFolder('README.md'), 'utf8')).to.contain('# Acme tools');
    expect(readFileSync(inFolder('notes.txt'), 'utf8')).to.equal('ours\n');
  });

  it('names a missing answer and an unknown flag, and writes nothing', async () => {
    for (const [args, text] of [
      [['acme'], 'name (--name)'],
      [['acme', '--yes', '--nmae=x'], '--nmae is not known. Did you mean --name?'],
    ] as const) {
      const { exitCode, stderr } = await generatorPlatform(folder, ['app', ...args]);
      expect([exitCode, stderr]).to.satisfy(
        ([code, printed]: [number, string]) => code === 2 && printed.includes(text),
      );
    }
    expect(treeOf(folder, '.')).to.deep.equal({});
  });

  it('adds the example, and writes the path of an archive from the real folder of the workspace', async () => {
    mkdirSync(inFolder('real/deep'), { recursive: true });
    symlinkSync(inFolder('real/deep'), inFolder('link'));
    writeFileSync(inFolder('platform.tgz'), '');
    const args = ['app', 'link/acme', '--yes', '--package=./platform.tgz', '--example', '--no-install'];
    expect((await generatorPlatform(folder, args)).exitCode).to.equal(0);
    const { dependencies } = JSON.parse(readFileSync(inFolder('real/deep/acme/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies['generator-platform']).to.equal('file:../../../platform.tgz');
    expect(treeOf(folder, 'real/deep/acme/tools/inventory-tracker')).to.deep.equal(
      treeOf(SOURCE, 'tools/inventory-tracker'),
    );
  });

  it('runs npm install in the workspace, and says what to run when it fails', async () => {
    const npm = inFolder('npm');
    const env = { PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` };
    writeFileSync(npm, '#!/bin/sh\necho "$1 in $PWD"\n');
    chmodSync(npm, 0o755);
    const installed = await generatorPlatform(folder, ['app', 'acme', '--yes'], env);
    expect(installed.exitCode).to.equal(0);
    expect(installed.stdout)
      .to.contain(`install in ${inFolder('acme')}`)
      .and.to.contain('npx create-tool');
    writeFileSync(npm, '#!/bin/sh\necho "no network" >&2\nexit 7\n');
    const failed = await generatorPlatform(folder, ['app', 'the team', '--yes'], env);
    expect(failed.exitCode).to.equal(5);
    expect(failed.stderr).to.contain('no network').and.to.contain("cd 'the team' && npm install");
    expect(treeOf(folder, 'the team')).to.include.keys('package.json');
  });

  it('creates the same workspace behind yo', async () => {
    await generatorPlatform(folder, ['app', 'acme', ...FLAGS]);
    mkdirSync(inFolder('yo/node_modules'), { recursive: true });
    symlinkSync(SOURCE, inFolder('yo/node_modules/generator-platform'));
    execaSync('chmod', ['-R', 'a+rwX', folder]); // started by root, yo continues as user 1000
    const yo = path.join(SOURCE, 'node_modules/yo/lib/cli.js');
    const ran = await execa(process.execPath, [yo, 'platform:app', 'acme', ...FLAGS], {
      cwd: inFolder('yo'),
      reject: false,
      stdin: 'ignore',
      env: { HOME: folder, NO_UPDATE_NOTIFIER: '1' },
    });
    expect(ran.exitCode, ran.stderr).to.equal(0);
    expect(treeOf(folder, 'yo/acme')).to.deep.equal(treeOf(folder, 'acme'));
  });

  it('asks for the name, and for each edited file whether to overwrite it', async () => {
    await writeWorkspace(folder);
    const before = treeOf(folder, '.');
    for (const file of ['README.md', '.npmrc']) writeFileSync(inFolder(file), 'ours\n');
    const asked: string[] = [];
    await helpers
      .create(
        WorkspaceGenerator as never,
        { resolved: path.join(SOURCE, 'generators/app/index.ts'), namespace: 'platform:app' },
        { cwd: folder, force: false },
      )
      .withOptions({
        argv: ['--package=^1.0.0', '--no-install'],
        interactive: true,
        report: { say: () => undefined, emit: () => undefined },
      } as never)
      .withAnswers(
        { name: 'Acme', action: 'skip' },
        {
          callback: (answer: unknown, { question }: { question: { name: string; message: string } }) => {
            asked.push(question.name);
            return question.message.includes('.npmrc') ? 'write' : answer;
          },
        },
      )
      .run();
    expect(asked).to.deep.equal(['name', 'action', 'action']);
    expect(treeOf(folder, '.')).to.deep.equal({ ...before, 'README.md': 'ours\n' });
  });
});
