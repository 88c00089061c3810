import type { Finding } from '../../../contracts/plan.ts';
import type { PlanInput } from '../input.ts';
import type { ExtractionPlan } from '../plan.ts';
import { checkDatabase } from './database.ts';
import { checkExtensions } from './extensions.ts';
import { checkObjects } from './objects.ts';
import { checkLocale } from './locale.ts';
import { checkServer } from './server.ts';
import { checkVersion } from './version.ts';

/** Everything in the target that would stop the plan, or change its result. */
export const checkTarget = (input: PlanInput, plan: ExtractionPlan): Finding[] => [
  ...checkObjects(input, plan),
  ...checkExtensions(input),
  ...checkDatabase(input, plan),
  ...checkLocale(input),
  ...checkServer(input),
  ...checkVersion(input),
];
