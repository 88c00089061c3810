import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { cancelJobOperation } from './cancel-job.ts';
import { getJobOperation } from './get-job.ts';
import { jobEventsOperation } from './job-events.ts';
import { listJobsOperation } from './list-jobs.ts';
import { rollbackJobOperation } from './rollback-job.ts';
import { startExportOperation } from './start-export.ts';

/** Exports of tools as jobs, in the order in which addresses are matched. */
export const jobOperations = (services: RegistryServices): readonly Operation[] => [
  jobEventsOperation(services),
  startExportOperation(services),
  listJobsOperation(services),
  getJobOperation(services),
  cancelJobOperation(services),
  rollbackJobOperation(services),
];
