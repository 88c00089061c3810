import { addFiles, type TreeChange } from '../../../core/file-tree.ts';

export type CopyComponents = TreeChange<'copy-components'>;

/** The tool's own frontend and the repository code that it imports, byte for byte. */
export const copyComponents = addFiles('copy-components', {
  done: () => 'Components copied',
  would: (change) => `Would copy ${Object.keys(change.after?.files ?? {}).length} files unchanged`,
});
