import { operationsOf } from '../../exporter/core/step.ts';
import { PIPELINE } from '../../exporter/pipeline.ts';

/** The operation of a change, as the exporter finds it. */
export const operationOf = operationsOf(PIPELINE);
