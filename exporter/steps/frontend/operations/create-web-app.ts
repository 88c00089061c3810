import { createFolder, type TreeChange } from '../../../core/file-tree.ts';
import type { FrontendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

export type CreateWebApp = TreeChange<'create-web-app'>;

/** The folder of the web app, with the application that is generated around the tool. */
export const createWebApp = createFolder<CreateWebApp['kind'], FrontendFacts>('create-web-app', {
  plan: (facts) => [
    {
      step: 'frontend',
      kind: 'create-web-app',
      target: facts.names.webFolder,
      before: facts.frontend.before === null ? null : { files: facts.frontend.before },
      after: filesOf(facts, 'app'),
    },
  ],
  folderOf: (names) => names.webFolder,
  done: (change) => `Angular app created at ${change.target}/`,
});
