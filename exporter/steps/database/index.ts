import { STEP_TITLES } from '../../../contracts/plan.ts';
import type { Step } from '../../core/step.ts';
import { closeService } from './operations/close-service.ts';
import { copyTables } from './operations/copy-tables.ts';
import { createDatabase } from './operations/create-database.ts';
import { createRoles } from './operations/create-roles.ts';
import { fenceTables } from './operations/fence-tables.ts';
import { followChanges } from './operations/follow-changes.ts';
import { publishChanges } from './operations/publish-changes.ts';
import { startDatabaseContainer } from './operations/start-database-container.ts';
import { verify } from './operations/verify.ts';
import { readDatabase } from './read.ts';

/** The tool's tables, in a database of their own. */
export const databaseStep: Step = {
  id: 'database',
  title: STEP_TITLES.database,
  read: readDatabase,
  check: ({ database }) => database.findings,
  operations: [
    startDatabaseContainer,
    createRoles,
    createDatabase,
    fenceTables,
    publishChanges,
    copyTables,
    verify,
    closeService,
    followChanges,
  ],
};
