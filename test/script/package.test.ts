import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as attw from '@arethetypeswrong/core';
import { expect } from 'chai';
import ts from 'typescript';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packPackage, type PackedPackage } from '../support/packed-package.ts';
import { packageName } from '../../inspection/source/resolve-import.ts';

const MEGABYTE = 1_000_000;

describe('the published package', function () {
  this.timeout(180_000);
  let folder: string;
  let packed: PackedPackage;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'package-'));
    packed = await packPackage(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('holds what runs and what is read, and nothing of tests, benches and scripts', () => {
    const top = [...new Set(packed.files.map((file) => file.split('/')[0] ?? ''))].sort();
    expect(top).to.deep.equal([
      ...[
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'contracts',
        'dev',
        'docker',
        'docker-compose.poc.yml',
        'docs',
        'exporter',
        'extraction',
      ],
      ...['gateway', 'generators', 'gulpfile.d.ts', 'gulpfile.js', 'inspection', 'migrations', 'monolith'],
      ...[
        'package.json',
        'plopfile.d.ts',
        'plopfile.js',
        'registry-api',
        'sources',
        'templates',
        'templating',
      ],
      'tools',
    ]);
    expect(packed.files).to.include.members([
      'generators/tool/index.js',
      'generators/tool/answers.schema.json',
      'migrations/0001_tools.sql',
      'monolith/server/platform/server.js',
      'monolith/web/src/main.ts',
      'sources/contracts/tool-context.ts',
      'sources/registry-api/store/sql-migrations.ts',
      'templates/service/Dockerfile.ejs',
    ]);
    const modules = packed.files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
    const places = new Set(modules.map((file) => file.split('/')[0]));
    expect([...places].sort(), 'TypeScript that no Node would run').to.deep.equal([
      'monolith',
      'sources',
      'templates',
      'tools',
    ]);
    expect(
      packed.files.filter((file) => /\.test\.[jt]s$/.test(file) && !file.startsWith('tools/')),
    ).to.deep.equal([]);
  });

  it('is smaller than 3 MB', () => {
    expect(packed.size).to.be.below(3 * MEGABYTE);
  });

  it('imports only what it depends on, without a link to itself', async () => {
    const manifest = JSON.parse(await packed.read('package.json')) as Record<string, Record<string, string>>;
    // The last are those that every workspace installs
    const named = {
      ...manifest['dependencies'],
      ...manifest['peerDependencies'],
      ...manifest['devDependencies'],
    };
    expect(Object.entries(named).filter(([, range]) => range.startsWith('file:'))).to.deep.equal([]);
    const missing = new Set<string>();
    for (const file of packed.files.filter(
      (name) => name.endsWith('.js') && !name.startsWith('templates/'),
    )) {
      const { importedFiles } = ts.preProcessFile(await packed.read(file));
      for (const { fileName } of importedFiles)
        if (!fileName.startsWith('.') && !isBuiltin(fileName) && !(packageName(fileName) in named))
          missing.add(`${file}: ${fileName}`);
    }
    expect([...missing].join('\n')).to.equal('');
  });

  it('passes publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: packed.folder, strict: true });
    // The example tool comes with its tests
    const ofPackage = messages.filter(({ code }) => code !== 'USE_FILES');
    expect(ofPackage.map((message) => formatMessage(message, pkg))).to.deep.equal([]);
  });

  it('has types that every way of importing it finds', async () => {
    const tarball = new Uint8Array(await readFile(packed.tarball));
    const analysis = await attw.checkPackage(attw.createPackageFromTarballData(tarball));
    if (!analysis.types) throw new Error('the package has no types');
    // It is a package of ES modules for Node and bundlers: the resolution of 2014 and require() are not among them
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    );
    expect(problems).to.deep.equal([]);
  });
});
