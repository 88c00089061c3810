import { STEP_IDS, STEP_TITLES } from '../../../contracts/plan.ts';

/** The steps of a new job, before the exporter starts. */
export const EXPORT_STEPS = STEP_IDS.map((id) => ({ id, title: STEP_TITLES[id] }));
