import { addFiles, type TreeChange } from '../../../core/file-tree.ts';

export type CopySource = TreeChange<'copy-service-source'>;

/** The tool's own code, tests and migrations, and the repository code that they import. */
export const copySource = addFiles('copy-service-source', {
  done: () => 'Source code copied and adapted',
  would: (change) => `Would copy ${Object.keys(change.after?.files ?? {}).length} source files`,
});
