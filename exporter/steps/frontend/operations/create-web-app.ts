import { createFolder, type TreeChange } from '../../../core/file-tree.ts';

export type CreateWebApp = TreeChange<'create-web-app'>;

/** The folder of the web app, with the application that is generated around the tool. */
export const createWebApp = createFolder('create-web-app', {
  done: (change) => `Angular app created at ${change.target}/`,
});
