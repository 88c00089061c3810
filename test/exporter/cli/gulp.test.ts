import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { EXPORT_FLAGS } from '../../../exporter/commands/export/export-flags.ts';
import { findWorkspace } from '../../../templating/roots.ts';

const ROOT = findWorkspace(import.meta.dirname);
const GULP = path.join(ROOT, 'node_modules/gulp/bin/gulp.js');

interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without a terminal. The command lines of this file are answered before any database is opened. */
const gulp = (...args: readonly string[]): Promise<Ran> => gulpIn(ROOT, args);

async function gulpIn(cwd: string, args: readonly string[]): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [GULP, ...args], {
    cwd,
    reject: false,
    stdin: 'ignore',
    env: { NO_COLOR: '1' },
  });
  return { code: exitCode, stdout, stderr };
}

describe('the gulp tasks on the command line', function () {
  this.timeout(120_000);

  it('gulp --help lists all tasks by purpose', async () => {
    const [help, simple] = await Promise.all([gulp('--help'), gulp('--tasks-simple')]);
    expect([help.code, help.stderr]).to.deep.equal([0, '']);
    expect(help.stdout).to.match(/^Move a tool out of the monolith, and back:\n {2}export {2}/m);
    for (const task of simple.stdout.split('\n')) expect(help.stdout).to.contain(`\n  ${task} `);
  });

  it('--help explains every flag of a task with its value, default and an example', async () => {
    for (const args of [
      ['export', '--help'],
      ['-h', 'export'],
    ]) {
      const { code, stdout, stderr } = await gulp(...args);
      expect([code, stderr]).to.deep.equal([0, '']);
      for (const flag of Object.keys(EXPORT_FLAGS)) expect(stdout).to.contain(`\n  --${flag}`);
      expect(stdout)
        .to.contain('--runtime=auto|docker|local')
        .and.to.contain('(default: auto)')
        .and.to.contain('\n  npx gulp export --tool-id=inventory-tracker --dry-run\n')
        .and.to.contain('Exit codes: 0 done');
    }
  });

  it('--help refuses an unknown task and suggests a similar one', async () => {
    const { code, stdout, stderr } = await gulp('exprot', '--help');
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.contain('Did you mean "export"?');
  });

  it('a task prints its own output alone, and with --verbose the log of gulp as well', async () => {
    const quiet = await gulp('status', '--nonsense');
    expect([quiet.code, quiet.stdout]).to.deep.equal([2, '']);
    expect(quiet.stderr).to.match(/^✗ gulp status: unknown flag --nonsense\.\n/);
    expect(quiet.stderr).not.to.match(/errored after|TaskFailed|\n *at /);
    const verbose = await gulp('status', '--nonsense', '--verbose');
    expect(verbose.code).to.equal(2);
    expect(verbose.stdout).to.contain('Using gulpfile').and.to.contain("Starting 'status'...");
    expect(verbose.stderr).to.contain('TaskFailed: status failed; the reason is above');
  });

  it('a task takes the value of a flag from the next word, and refuses a flag without one', async () => {
    const missing = await gulp('rollback', '--tool-id', '--dry-run');
    expect(missing.code).to.equal(2);
    expect(missing.stderr).to.contain('--tool-id needs a value');
    const apart = await gulp('export', '--tool-id', 'crm', '--runtime', 'moon');
    expect(apart.code).to.equal(2);
    expect(apart.stderr).to.contain('--runtime=moon must be one of auto, docker, local');
  });

  it('a task suggests a tool only when its id is near, and otherwise lists those that exist', async () => {
    const near = await gulp('scaffold:undo', '--dry-run', '--tool-id', 'inventry');
    const far = await gulp('register', '--tool-id=zzz');
    expect(far.stderr).to.contain(
      'tools/zzz/manifest.json does not exist. The only tool is inventory-tracker.',
    );
    expect(near.stderr).to.contain('Did you mean inventory-tracker?');
    expect([near.code, far.code]).to.deep.equal([2, 3]);
  });

  describe('in a workspace with tasks of its own', () => {
    let workspace: string;
    before(() => {
      workspace = mkdtempSync(path.join(tmpdir(), 'gulp-tasks-'));
      symlinkSync(path.join(ROOT, 'node_modules'), path.join(workspace, 'node_modules'));
      const file = (name: string, text: string): void => writeFileSync(path.join(workspace, name), text);
      file('package.json', '{ "type": "module" }');
      file('.gulp.js', `export * from '${ROOT}/exporter/cli/gulp-setup.ts';`);
      file(
        'gulpfile.ts',
        `import '${ROOT}/gulpfile.ts';
         import gulp from 'gulp';
         const greet = async () => console.log('greetings');
         greet.description = 'Greet everybody';
         greet.flags = { '--loud': 'shout' };
         gulp.task('greet', greet);
         gulp.task('break', () => Promise.reject(new Error('the reason of the workspace')));`,
      );
    });
    after(() => rmSync(workspace, { recursive: true, force: true }));

    it('runs, lists and explains a task of the workspace', async () => {
      expect(await gulpIn(workspace, ['greet'])).to.deep.equal({ code: 0, stdout: 'greetings', stderr: '' });
      const all = await gulpIn(workspace, ['--help']);
      expect(all.stdout).to.match(/Other tasks:\n {2}greet +Greet everybody/);
      const one = await gulpIn(workspace, ['greet', '--help']);
      expect(one.stdout).to.match(/Usage: npx gulp greet \[flags\]\n[^]*\n {2}--loud {2}shout/);
      expect((await gulpIn(workspace, ['gret'])).stderr).to.contain('Did you mean "greet"?');
    });

    it('shows the error of a task of the workspace with its place', async () => {
      const { code, stderr } = await gulpIn(workspace, ['break']);
      expect(code).to.equal(1);
      expect(stderr).to.contain('the reason of the workspace').and.to.contain('gulpfile.ts:');
    });
  });
});
