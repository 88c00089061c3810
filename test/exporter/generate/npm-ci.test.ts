import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { planPackages, type NpmFiles } from '../../../exporter/generate/npm/plan-packages.ts';
import { lockedSpec, type PackageLock } from '../../../inspection/index.ts';

/** A repository whose overrides and aliases decide what its lock file holds. */
const PACKAGE = {
  dependencies: { debug: '^4.0.0', 'ms-old': 'npm:ms@2.0.0' },
  overrides: {
    ms: '2.1.0',
    debug: { '.': '4.4.0', ms: '$ms-old' },
    send: { ms: '$ms-old' },
    absent: '1.0.0',
  },
};
const LOCK: PackageLock = {
  name: 'monolith',
  version: '1.0.0',
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': { dependencies: PACKAGE.dependencies },
    'node_modules/debug': { version: '4.4.0', dependencies: { ms: '^2.1.3' } },
    'node_modules/debug/node_modules/ms': { version: '2.0.0' },
    'node_modules/ms': { version: '2.1.0' },
    'node_modules/ms-old': { name: 'ms', version: '2.0.0' },
    'node_modules/send': { version: '1.0.0', dependencies: { ms: '^2.1.3' } },
    'node_modules/send/node_modules/ms': { version: '2.0.0' },
    'node_modules/serve': { version: '1.0.0', dependencies: { send: '*', ms: '^2.1.3' } },
  },
};

/** Whether npm finds these files in step with each other. It compares them before it fetches anything. */
async function npmAccepts(
  { overrides, files }: NpmFiles,
  dependencies: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'npm-ci-'));
  try {
    const project = { name: 'service', version: '1.0.0', dependencies, overrides };
    for (const [file, text] of Object.entries({ ...files, 'package.json': JSON.stringify(project) }))
      await writeFile(path.join(folder, file), text);
    const args = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit'];
    return await promisify(execFile)('npm', args, { cwd: folder }).then(
      () => 'accepted',
      (error: unknown) => (error as { stderr: string }).stderr,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('npm ci of an exported app, in an empty folder', function () {
  this.timeout(60_000);
  let root: string;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'npm-files-'));
    await writeFile(path.join(root, 'package.json'), JSON.stringify(PACKAGE));
  });
  after(() => rm(root, { recursive: true }));

  for (const names of [['debug'], ['debug', 'ms', 'ms-old'], ['serve', 'ms-old'], ['send', 'serve']])
    it(`accepts the overrides and aliases of the repository: ${names.join(', ')}`, async () => {
      const dependencies = Object.fromEntries(names.map((name) => [name, lockedSpec(LOCK, name) ?? '']));
      const project = { name: 'service', version: '1.0.0', dependencies, devDependencies: {} };
      const place = { root, step: 'backend', app: 'service', runtime: 'local', edges: [] } as const;
      const npm = await planPackages({ ...place, lock: LOCK, project });
      expect(npm.findings).to.deep.equal([]);
      expect(await npmAccepts(npm, dependencies)).to.equal('accepted');
    });
});
