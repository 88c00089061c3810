import type { Change } from '../contracts/plan.ts';
import type { Operation, Step, UndoPhase } from './core/step.ts';
import { backendStep } from './steps/backend/index.ts';
import { databaseStep } from './steps/database/index.ts';
import { withDatabaseServer } from './steps/infrastructure/database-server.ts';
import { frontendStep } from './steps/frontend/index.ts';
import { healthStep } from './steps/health/index.ts';
import { infrastructureStep } from './steps/infrastructure/index.ts';
import { preflightStep } from './steps/preflight/index.ts';

/** The export, in order. Nothing else knows a step's number. */
export const PIPELINE: readonly Step[] = [
  preflightStep,
  backendStep,
  frontendStep,
  withDatabaseServer(databaseStep),
  infrastructureStep,
  healthStep,
];

/** What the console says of each phase of a rollback; the phases' order is in step.ts. */
export const UNDO_TITLES: Readonly<Record<UndoPhase, string>> = {
  configuration: 'Restoring configuration backups',
  service: 'Stopping and removing the service',
  database: 'Dropping service database',
  folders: 'Deleting generated service directories',
  registry: 'Updating tool registry',
};

const OPERATIONS = new Map<string, Operation>(PIPELINE.flatMap((s) => s.operations).map((o) => [o.kind, o]));

/** @throws Error when a journal holds a kind that this version does not know. */
export function operationOf(change: Change): Operation {
  const operation = OPERATIONS.get(change.kind);
  if (operation === undefined)
    throw new Error(
      `no operation does "${change.kind}" (${change.target}); was the export made by another version?`,
    );
  return operation;
}
