import { addFiles, type TreeChange } from '../../../core/file-tree.ts';
import type { FrontendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

export type CopyComponents = TreeChange<'copy-components'>;

/** The tool's own frontend and the repository code that it imports, byte for byte. */
export const copyComponents = addFiles<CopyComponents['kind'], FrontendFacts>('copy-components', {
  plan: (facts) => [
    {
      step: 'frontend',
      kind: 'copy-components',
      target: facts.names.webFolder,
      before: null,
      after: filesOf(facts, 'source'),
    },
  ],
  done: () => 'Components copied',
  would: (change) => `Would copy ${Object.keys(change.after.files).length} files unchanged`,
});
