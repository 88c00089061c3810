import { expect } from 'chai';
import rootLock from '../../../package-lock.json' with { type: 'json' };
import rootPackage from '../../../package.json' with { type: 'json' };
import { cutLock } from '../../../exporter/generate/cut-lock.ts';
import type { LockPackage, PackageLock } from '../../../inspection/index.ts';

const lockOf = (packages: Record<string, LockPackage>): PackageLock => ({
  name: 'monolith',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: { '': { version: '1.0.0' }, ...packages },
});

const LOCK = lockOf({
  'node_modules/web': {
    version: '2.0.0',
    integrity: 'sha512-web',
    dev: true,
    dependencies: { parse: '^1.0.0', shared: '*' },
    optionalDependencies: { 'native-linux': '1.0.0', 'native-absent': '1.0.0' },
    peerDependencies: { host: '*', unwanted: '*' },
    peerDependenciesMeta: { unwanted: { optional: true } },
  },
  'node_modules/web/node_modules/parse': { version: '1.5.0', dependencies: { deep: '*' } },
  'node_modules/parse': { version: '9.0.0' },
  'node_modules/deep': { version: '1.0.0', dependencies: { parse: '^9.0.0' } },
  'node_modules/host': { version: '3.0.0' },
  'node_modules/unwanted': { version: '1.0.0' },
  'node_modules/native-linux': { version: '1.0.0', os: ['linux'], cpu: ['x64'], optional: true },
  'node_modules/shared': { version: '1.0.0' },
  'node_modules/tester': { version: '4.0.0', dependencies: { shared: '*', 'only-tests': '*' } },
  'node_modules/only-tests': { version: '1.0.0', optionalDependencies: { watcher: '*' } },
  'node_modules/watcher': { version: '1.0.0' },
  'node_modules/stranger': { version: '1.0.0' },
  'node_modules/self': { link: true, resolved: '' },
});

const cut = (
  dependencies: Record<string, string>,
  devDependencies: Record<string, string> = {},
): PackageLock => cutLock(LOCK, { name: 'service', version: '0.1.0', dependencies, devDependencies });

/** Fields that npm wrote for each folder. */
const flagsOf = (lock: PackageLock): Record<string, string> =>
  Object.fromEntries(
    Object.entries(lock.packages)
      .filter(([folder]) => folder !== '')
      .map(([folder, entry]) => [
        folder.slice('node_modules/'.length),
        ['dev', 'optional', 'devOptional', 'peer'].filter((flag) => entry[flag] === true).join(' '),
      ]),
  );

describe('cutting a lock file', () => {
  it('keeps the closure in the same folders, with optional and peer dependencies', () => {
    const lock = cut({ web: '2.0.0' }, { tester: '4.0.0' });
    expect(flagsOf(lock)).to.deep.equal({
      deep: '',
      host: 'peer',
      'native-linux': 'optional',
      'only-tests': 'dev',
      parse: '',
      shared: '',
      tester: 'dev',
      watcher: 'dev optional',
      web: '',
      'web/node_modules/parse': '',
    });
    expect(lock.packages['node_modules/web']).to.include({ version: '2.0.0', integrity: 'sha512-web' });
    expect(lock.packages['node_modules/native-linux']).to.deep.include({ os: ['linux'], cpu: ['x64'] });
    expect(lock.packages['']).to.deep.equal({
      name: 'service',
      version: '0.1.0',
      dependencies: { web: '2.0.0' },
      devDependencies: { tester: '4.0.0' },
    });
  });

  it('flags packages that only development, optional or peer dependencies need', () => {
    const both = lockOf({
      'node_modules/a': { version: '1.0.0', optionalDependencies: { c: '*' } },
      'node_modules/b': { version: '1.0.0', dependencies: { c: '*' } },
      'node_modules/c': { version: '1.0.0' },
    });
    const request = {
      name: 's',
      version: '1.0.0',
      dependencies: { a: '1.0.0' },
      devDependencies: { b: '1.0.0' },
    };
    expect(flagsOf(cutLock(both, request))).to.deep.equal({ a: '', b: 'dev', c: 'devOptional' });
  });

  it('returns the same bytes for the same input', () => {
    const [one, two] = [cut({ web: '2.0.0', shared: '1.0.0' }), cut({ web: '2.0.0', shared: '1.0.0' })];
    expect(JSON.stringify(one)).to.equal(JSON.stringify(two));
  });

  it('rejects a missing package, a link and an unknown lock file version', () => {
    expect(() => cut({ nowhere: '1.0.0' })).to.throw(/nowhere is missing.*npm install/);
    expect(() => cut({ self: '1.0.0' })).to.throw(/self is a link into this repository/);
    const old = { ...LOCK, lockfileVersion: 1 };
    expect(() =>
      cutLock(old, { name: 's', version: '1.0.0', dependencies: {}, devDependencies: {} }),
    ).to.throw(/lockfileVersion is 1/);
  });

  it('keeps every entry as npm writes it', () => {
    const whole = rootLock as unknown as PackageLock;
    const versions = (wanted: object): Record<string, string> =>
      Object.fromEntries(
        Object.keys(wanted)
          .filter((name) => name !== rootPackage.name)
          .map((name) => [name, whole.packages[`node_modules/${name}`]?.version ?? '']),
      );
    const { packages } = cutLock(whole, {
      name: 'all-of-it',
      version: '1.0.0',
      dependencies: versions(rootPackage.dependencies),
      devDependencies: versions(rootPackage.devDependencies),
    });
    // Compared as text, because npm rewrites a file with another order of fields
    for (const [folder, entry] of Object.entries(packages))
      if (folder !== '')
        expect(JSON.stringify(entry), folder).to.equal(JSON.stringify(whole.packages[folder]));
    expect(Object.keys(packages)).to.have.length.above(1000);
  });
});
