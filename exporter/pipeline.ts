import type { Step } from './core/step.ts';
import { backendStep } from './steps/backend/index.ts';
import { databaseStep } from './steps/database/index.ts';
import { frontendStep } from './steps/frontend/index.ts';
import { healthStep } from './steps/health/index.ts';
import { infrastructureStep } from './steps/infrastructure/index.ts';
import { preflightStep } from './steps/preflight/index.ts';

/** The export, in order. Nothing else knows a step's number. */
export const PIPELINE: readonly Step[] = [
  preflightStep,
  backendStep,
  frontendStep,
  databaseStep,
  infrastructureStep,
  healthStep,
];
