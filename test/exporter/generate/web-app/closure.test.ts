import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { planStep } from '../../../../exporter/core/step.ts';
import { frontendStep } from '../../../../exporter/steps/frontend/index.ts';
import { externalsOf } from './externals.ts';
import { carryOut, factsOf, portsOf } from './ports.ts';
import { inventoryTracker, makeRepository } from './repository.ts';

const exec = promisify(execFile);

/** PATH without the programs of this repository, which `npm test` prepends. */
const PATH = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(path.delimiter);

describe('an exported web app in an empty folder', function () {
  this.timeout(600_000);
  let folder: string;

  before(async () => {
    const repository = await makeRepository();
    const manifest = await inventoryTracker(repository);
    const facts = factsOf(manifest, await repository.facts(manifest));
    const plan = planStep(frontendStep, facts).filter(({ kind }) => kind !== 'build-web-app');
    await carryOut(plan, portsOf(repository.root));
    folder = await mkdtemp(path.join(tmpdir(), 'web-closure-'));
    await cp(path.join(repository.root, 'apps/inventory-tracker-web'), folder, { recursive: true });
    await repository.remove();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const npm = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await exec('npm', args, {
      cwd: folder,
      env: { ...process.env, PATH, INIT_CWD: folder, NG_CLI_ANALYTICS: 'false' },
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout + stderr;
  };

  it('depends on exactly the packages that its bundle imports', async () => {
    const text = await readFile(path.join(folder, 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(text) as { dependencies: Readonly<Record<string, string>> };
    expect(await externalsOf(folder)).to.deep.equal(Object.keys(dependencies).sort());
  });

  it('installs from its own lock, builds, type-checks and lints by the commands of its README', async () => {
    const readme = await readFile(path.join(folder, 'README.md'), 'utf8');
    const commands = ['npm ci', 'npm run build', 'npm run typecheck', 'npm run lint'];
    const lock = await readFile(path.join(folder, 'package-lock.json'), 'utf8');
    for (const command of commands) {
      expect(readme).to.include(`\`${command}\``);
      await npm(...command.split(' ').slice(1));
    }
    expect(await readFile(path.join(folder, 'package-lock.json'), 'utf8')).to.equal(lock);
    const built = await readdir(path.join(folder, 'dist/browser'));
    expect(built).to.include.members(['index.html', 'config.json', 'favicon.svg']);
    expect(built.some((file) => /^main-\w+\.js$/.test(file))).to.equal(true);
  });
});
