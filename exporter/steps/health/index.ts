import { STEP_TITLES } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { Step } from '../../core/step.ts';
import { checkHealth } from './operations/check-health.ts';

/** The export is complete only when the service answers on every path that its callers will use. */
export const healthStep: Step = {
  id: 'health',
  title: STEP_TITLES.health,
  read: (shared: SharedFacts) => Promise.resolve(shared),
  check: () => [],
  operations: [checkHealth],
};
