import { addFiles, type TreeChange } from '../../../core/file-tree.ts';
import type { BackendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

export type CopySource = TreeChange<'copy-service-source'>;

/** The tool's own code, tests and migrations, and the repository code that they import. */
export const copySource = addFiles<CopySource['kind'], BackendFacts>('copy-service-source', {
  plan: (facts) => [
    {
      step: 'backend',
      kind: 'copy-service-source',
      target: facts.names.apiFolder,
      before: null,
      after: filesOf(facts, 'source'),
    },
  ],
  done: () => 'Source code copied and adapted',
  would: (change) => `Would copy ${Object.keys(change.after.files).length} source files`,
});
