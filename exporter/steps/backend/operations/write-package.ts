import { addFiles, type TreeChange } from '../../../core/file-tree.ts';

export type WritePackage = TreeChange<'write-service-package'>;

/** package.json with exactly the packages that the code imports, and the lock file cut for them. */
export const writePackage = addFiles('write-service-package', {
  done: () => 'Package.json generated',
  would: () => 'Package.json structure valid',
});
