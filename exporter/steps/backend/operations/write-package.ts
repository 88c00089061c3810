import { addFiles, type TreeChange } from '../../../core/file-tree.ts';
import type { BackendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

export type WritePackage = TreeChange<'write-service-package'>;

/** package.json with exactly the packages that the code imports, and the lock file cut for them. */
export const writePackage = addFiles<WritePackage['kind'], BackendFacts>('write-service-package', {
  plan: (facts) => [
    {
      step: 'backend',
      kind: 'write-service-package',
      target: facts.names.apiFolder,
      before: null,
      after: filesOf(facts, 'package'),
    },
  ],
  done: () => 'Package.json generated',
  would: () => 'Package.json structure valid',
});
