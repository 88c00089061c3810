import { addFiles, type TreeChange } from '../../../core/file-tree.ts';
import type { FrontendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

export type ConfigureApi = TreeChange<'configure-api'>;

/** Where the tool's calls go: the build's environments and the configuration read at run time. */
export const configureApi = addFiles<ConfigureApi['kind'], FrontendFacts>('configure-api', {
  plan: (facts) => [
    {
      step: 'frontend',
      kind: 'configure-api',
      target: facts.names.webFolder,
      before: null,
      after: filesOf(facts, 'addresses'),
    },
  ],
  done: () => 'API service configured',
  would: () => 'Would point the API service at the exported service',
});
