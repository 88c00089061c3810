import { STEP_IDS, type StepId } from '../../../contracts/plan.ts';

const TITLES: Readonly<Record<StepId, string>> = {
  preflight: 'Pre-flight Validation',
  backend: 'Generate Backend Service',
  frontend: 'Generate Frontend App',
  database: 'Migrate Database',
  infrastructure: 'Update Infrastructure',
  health: 'Run Health Checks',
};

/** The steps of a new job, before the exporter starts. */
export const EXPORT_STEPS = STEP_IDS.map((id) => ({ id, title: TITLES[id] }));
