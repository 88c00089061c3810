import { expect } from 'chai';
import { lockedVersion, resolveInLock, typesPackage, type PackageLock } from '../../../inspection/index.ts';

const LOCK: PackageLock = {
  name: 'x',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/self': { link: true, version: '0.1.0' },
  },
};

describe('a package lock', () => {
  it('resolves a package to the nearest node_modules folder', () => {
    expect(resolveInLock(LOCK, 'node_modules/a', 'b')).to.equal('node_modules/a/node_modules/b');
    expect(resolveInLock(LOCK, '', 'b')).to.equal('node_modules/b');
    expect(resolveInLock(LOCK, 'node_modules/a/node_modules/b', 'a')).to.equal('node_modules/a');
    expect(resolveInLock(LOCK, 'node_modules/a', 'c')).to.equal(null);
  });

  it('reports no version for a link or for a package that is not at the top level', () => {
    expect(lockedVersion(LOCK, 'a')).to.equal('1.0.0');
    expect(lockedVersion(LOCK, 'self')).to.equal(null);
    expect(lockedVersion(LOCK, 'c')).to.equal(null);
  });

  it("names a package's types by DefinitelyTyped's rule", () => {
    expect(typesPackage('express')).to.equal('@types/express');
    expect(typesPackage('@scope/name')).to.equal('@types/scope__name');
  });
});
