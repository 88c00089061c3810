import { addFiles, type TreeChange } from '../../../core/file-tree.ts';

export type ConfigureApi = TreeChange<'configure-api'>;

/** Where the tool's calls go: environments of the build, and the configuration read at run time. */
export const configureApi = addFiles('configure-api', {
  done: () => 'API service configured',
  would: () => 'Would point the API service at the exported service',
});
