import { createFolder, type TreeChange } from '../../../core/file-tree.ts';
import type { BackendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

export type CreateService = TreeChange<'create-service'>;

/** The service's folder with the host code around the tool. */
export const createService = createFolder<CreateService['kind'], BackendFacts>('create-service', {
  plan: (facts) => [
    {
      step: 'backend',
      kind: 'create-service',
      target: facts.names.apiFolder,
      before: facts.backend.before === null ? null : facts.backend.before,
      after: filesOf(facts, 'host'),
    },
  ],
  folderOf: (names) => names.apiFolder,
  done: (change) => `Service created at ${change.target}/`,
});
