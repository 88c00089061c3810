import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { closureOf } from '../../../exporter/generate/cut-lock.ts';
import { cutNpmrc } from '../../../exporter/generate/npm/cut-npmrc.ts';
import { cutOverrides } from '../../../exporter/generate/npm/cut-overrides.ts';
import { planPackages, type NpmFiles } from '../../../exporter/generate/npm/plan-packages.ts';
import { lockedSpec, type LockPackage, type PackageLock } from '../../../inspection/index.ts';

const lockOf = (packages: Record<string, LockPackage>): PackageLock => ({
  name: 'monolith',
  version: '1.0.0',
  lockfileVersion: 3,
  requires: true,
  packages,
});

/** A repository whose overrides, alias and tarball decide what its lock file holds. */
const LOCK = lockOf({
  '': {
    dependencies: { debug: '^4.0.0', 'ms-old': 'npm:ms@2.0.0', far: 'https://example.test/far-1.0.0.tgz' },
  },
  'node_modules/debug': { version: '4.4.0', dependencies: { ms: '^2.1.3' } },
  'node_modules/ms': { version: '2.0.0' },
  'node_modules/ms-old': { name: 'ms', version: '2.0.0' },
  'node_modules/far': {
    name: 'other',
    version: '1.0.0',
    resolved: 'https://example.test/far-1.0.0.tgz',
    integrity: 'sha512-x',
  },
});

const OVERRIDES = {
  ms: '2.0.0',
  debug: { '.': '4.4.0', ms: '$ms-old' },
  elsewhere: { ms: '1.0.0' },
  absent: '1.0.0',
};

const direct = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, lockedSpec(LOCK, name) ?? '']));

interface Planned {
  readonly lock?: PackageLock;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly runtime?: 'local' | 'docker';
}

/** Plans the packages of a service in a repository with these files. */
async function plan(input: Planned): Promise<NpmFiles> {
  const root = await mkdtemp(path.join(tmpdir(), 'npm-files-'));
  try {
    for (const [file, text] of Object.entries({ 'package.json': '{}', ...input.files })) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), text);
    }
    const { dependencies, lock = LOCK, runtime = 'local' } = input;
    const project = { name: 'service', version: '1.0.0', dependencies, devDependencies: {} };
    return await planPackages({ root, step: 'backend', app: 'service', runtime, lock, project, edges: [] });
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('npm files of an exported app', () => {
  it('declares an alias and a tarball as the repository does', () => {
    expect(direct('ms-old', 'far', 'ms')).to.deep.equal({
      'ms-old': 'npm:ms@2.0.0',
      far: 'https://example.test/far-1.0.0.tgz',
      ms: '2.0.0',
    });
  });

  it('keeps only the rules of packages that the app installs', () => {
    const declared = { 'ms-old': 'npm:ms@2.0.0' };
    const rules = (folders: readonly string[], wanted: Record<string, string>): unknown =>
      cutOverrides({ overrides: OVERRIDES, declared }, folders, wanted);
    expect(rules(['node_modules/ms'], { ms: '2.0.0' })).to.deep.equal({ ms: '$ms' });
    expect(rules(['node_modules/debug', 'node_modules/ms'], { debug: '4.4.0' })).to.deep.equal({
      ms: '2.0.0',
      debug: { '.': '$debug', ms: 'npm:ms@2.0.0' },
    });
    expect(rules(['node_modules/far'], { far: '1.0.0' })).to.deep.equal({});
    const ranged = { overrides: { '@a/b@^1.0.0': '1.2.0', '@a/b@2': '2.1.0' }, declared };
    expect(cutOverrides(ranged, ['node_modules/x/node_modules/@a/b'], { '@a/b': '2.5.0' })).to.deep.equal({
      '@a/b@^1.0.0': '1.2.0',
      '@a/b@2': '$@a/b',
    });
  });

  it('reports a workspace and a missing package that another package needs', () => {
    const lock = lockOf({
      'node_modules/a': { version: '1.0.0', dependencies: { '@acme/util': '*', gone: '*' } },
      'node_modules/@acme/util': { link: true, resolved: 'packages/util' },
      'packages/util': { version: '1.0.0' },
    });
    const { folders, problems } = closureOf(lock, { dependencies: { a: '1.0.0' }, devDependencies: {} });
    expect(folders).to.deep.equal(['node_modules/a']);
    expect(problems).to.deep.equal([
      { name: '@acme/util', from: 'node_modules/a' },
      { name: 'gone', from: 'node_modules/a' },
    ]);
  });

  it('refuses packages from files, from git and with a patch, and names scripts that do not run', async () => {
    const lock = lockOf({
      'node_modules/blob': { version: '1.0.0', resolved: 'file:vendor/blob-1.0.0.tgz' },
      'node_modules/forked': { version: '1.0.0', resolved: 'git+ssh://git@example.test/a/forked.git#abc' },
      'node_modules/@acme/right': { version: '1.0.0' },
      'node_modules/a': { version: '1.0.0', dependencies: { '@acme/util': '*' } },
      'node_modules/@acme/util': { link: true, resolved: 'packages/util' },
    });
    const scripts = {
      postinstall: 'patch-package --patch-dir fixes && node build-native.js',
      prepare: 'husky',
    };
    const { findings, files } = await plan({
      lock,
      dependencies: { blob: '1.0.0', forked: '1.0.0', '@acme/right': '1.0.0', a: '1.0.0' },
      files: {
        'package.json': JSON.stringify({ scripts }),
        'fixes/a++@acme+right+1.0.0.patch': '',
        'fixes/other+1.0.0.patch': '',
      },
    });
    const said = findings.map(({ severity, file, message }) => `${severity} ${file ?? ''}: ${message}`);
    expect(said).to.have.length(5);
    expect(said[0]).to.match(
      /^error package-lock.json: The package @acme\/util is the folder packages\/util/,
    );
    expect(said[1]).to.match(/^error package-lock.json: The package blob is installed from file:vendor/);
    expect(said[2]).to.match(/^error package-lock.json: The package forked is .* the image has no git/);
    expect(said[3]).to.match(/^error fixes\/a\+\+@acme\+right.* changes the package @acme\/right/);
    expect(said[4]).to.match(/^warning package.json: The script postinstall .* does not run in service/);
    expect(files).not.to.have.property('package-lock.json');
  });

  it('carries the registry of a scope that the app uses, and never a secret', () => {
    const npmrc = `; a comment
audit=false
legacy-peer-deps = true
@acme:registry=https://npm.acme.test/private/
@other:registry=https://npm.other.test/
//npm.acme.test/private/:_authToken=\${NPM_TOKEN}
//npm.acme.test/:_password="c2VjcmV0"
//npm.other.test/:_authToken=secret
`;
    expect(cutNpmrc(npmrc, ['@acme/a', 'pg'])).to.deep.equal({
      text: 'legacy-peer-deps=true\n@acme:registry=https://npm.acme.test/private/\n//npm.acme.test/private/:_authToken=${NPM_TOKEN}\n',
      privateRegistries: [{ registry: 'https://npm.acme.test/private/', scope: '@acme', line: 6 }],
    });
    expect(cutNpmrc(npmrc, ['pg'])).to.deep.equal({ text: 'legacy-peer-deps=true\n', privateRegistries: [] });
    expect(cutNpmrc('registry=https://me:secret@npm.acme.test/\n', ['pg'])).to.deep.equal({
      text: '',
      privateRegistries: [{ registry: 'https://npm.acme.test/', scope: null, line: 1 }],
    });
  });

  it('refuses a registry with credentials where an image is built, and warns elsewhere', async () => {
    const lock = lockOf({ 'node_modules/@acme/a': { version: '1.0.0' } });
    const npmrc = '@acme:registry=https://npm.acme.test/\n//npm.acme.test/:_authToken=secret\n';
    const input = { lock, dependencies: { '@acme/a': '1.0.0' }, files: { '.npmrc': npmrc } };
    const severities = [];
    for (const runtime of ['docker', 'local'] as const) {
      const { findings, files } = await plan({ ...input, runtime });
      expect(findings[0]).to.include({ file: '.npmrc', line: 2 });
      expect(findings[0]?.message).to.match(/@acme\/a from https:\/\/npm\.acme\.test\//);
      expect(files['.npmrc']).to.equal('@acme:registry=https://npm.acme.test/\n');
      severities.push(findings[0]?.severity);
    }
    expect(severities).to.deep.equal(['error', 'warning']);
  });
});
