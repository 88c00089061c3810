import type { Change } from '../../../contracts/plan.ts';
import type { Facts } from '../../core/facts.ts';
import { treeOf } from '../../core/file-tree.ts';
import type { Step } from '../../core/step.ts';
import { buildWebApp, type BuildWebApp } from './operations/build-web-app.ts';
import { configureApi, type ConfigureApi } from './operations/configure-api.ts';
import { copyComponents, type CopyComponents } from './operations/copy-components.ts';
import { createWebApp, type CreateWebApp } from './operations/create-web-app.ts';

/** An Angular application of its own around the tool's untouched frontend. */
export const frontendStep: Step = {
  id: 'frontend',
  title: 'Generate Frontend App',
  check: (facts) => facts.frontend.findings,
  plan,
  operations: [createWebApp, copyComponents, configureApi, buildWebApp],
};

function plan({ frontend, names }: Facts): readonly Change[] {
  const folder = names.webFolder;
  const { files } = frontend;
  const carried = new Set(frontend.carried);
  const addresses = new Set(frontend.addresses);
  const changes: readonly [CreateWebApp, CopyComponents, ConfigureApi, BuildWebApp] = [
    { step: 'frontend', kind: 'create-web-app', target: folder, before: frontend.before === null ? null : { files: frontend.before }, after: treeOf(files, (name) => !carried.has(name) && !addresses.has(name)) },
    { step: 'frontend', kind: 'copy-components', target: folder, before: null, after: treeOf(files, (name) => carried.has(name)) },
    { step: 'frontend', kind: 'configure-api', target: folder, before: null, after: treeOf(files, (name) => addresses.has(name)) },
    {
      step: 'frontend', kind: 'build-web-app', target: `${folder}/dist`,
      before: null, after: { folder, output: `${folder}/dist/browser` },
    },
  ]; // prettier-ignore
  return changes;
}
