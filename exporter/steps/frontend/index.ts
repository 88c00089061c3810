import { STEP_TITLES } from '../../../contracts/plan.ts';
import type { Step } from '../../core/step.ts';
import type { FrontendFacts } from './facts.ts';
import { buildImages } from './operations/build-images.ts';
import { buildWebApp } from './operations/build-web-app.ts';
import { configureApi } from './operations/configure-api.ts';
import { copyComponents } from './operations/copy-components.ts';
import { createWebApp } from './operations/create-web-app.ts';
import { readFrontend } from './read.ts';

/** An Angular application around the tool's unchanged frontend. */
export const frontendStep: Step<FrontendFacts> = {
  id: 'frontend',
  title: STEP_TITLES.frontend,
  read: readFrontend,
  check: ({ frontend }) => frontend.findings,
  carries: ({ frontend }) => frontend.carried,
  operations: [createWebApp, copyComponents, configureApi, buildWebApp, buildImages],
};
