import { expect } from 'chai';
import { linkedPackage, lockedVersion, parsePackageLock } from '../../../inspection/index.ts';

const lockWith = (platform: object): string =>
  JSON.stringify({
    name: 'acme',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': {},
      'node_modules/pg': { version: '8.0.0' },
      'node_modules/generator-platform': platform,
    },
  });

describe('the lock file of a workspace', () => {
  for (const [how, entry] of Object.entries({
    'a registry': { version: '1.2.3', resolved: 'https://packages.example/generator-platform-1.2.3.tgz' },
    'a tarball': { version: '1.2.3', resolved: 'file:generator-platform-1.2.3.tgz' },
    'its own repository': { resolved: '', link: true },
  }))
    it(`holds no version of the platform that an app could depend on, installed from ${how}`, () => {
      const lock = parsePackageLock(lockWith(entry));
      expect(lockedVersion(lock, 'generator-platform')).to.equal(null);
      expect(lockedVersion(lock, 'pg')).to.equal('8.0.0');
      const found = lock.packages['node_modules/generator-platform'];
      expect(found?.link).to.equal(true);
      expect(linkedPackage('generator-platform', found ?? {})).to.deep.equal({
        message:
          'The package generator-platform is the platform itself, which an exported app does not have.',
        remedy: 'Import the file by its alias (#contracts/..., #shared/...) instead.',
      });
    });
});
