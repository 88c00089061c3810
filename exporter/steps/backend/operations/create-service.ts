import { createFolder, type TreeChange } from '../../../core/file-tree.ts';

export type CreateService = TreeChange<'create-service'>;

/** The service's folder with the host code around the tool. */
export const createService = createFolder('create-service', {
  done: (change) => `Service created at ${change.target}/`,
});
