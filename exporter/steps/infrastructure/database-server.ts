import type { Step } from '../../core/step.ts';
import { composeEntryOf } from '../../generate/infrastructure/compose-entry.ts';
import { addComposeEntry } from '../../generate/infrastructure/compose-text.ts';
import { startDatabaseContainerChange } from './container-changes.ts';
import { startDatabaseContainer } from '../database/operations/start-database-container.ts';

/**
 * The database step as it is, with the service's own server started first where that is a container. The server is
 * infrastructure, but there must be one before anything can be copied into it.
 */
export function withDatabaseServer(step: Step): Step {
  return {
    ...step,
    operations: [startDatabaseContainer, ...step.operations],
    plan(facts) {
      const { composeText } = facts.infrastructure;
      if (facts.runtime === 'local' || composeText === null) return step.plan(facts);
      const text = addComposeEntry(composeText, facts.manifest.id, composeEntryOf(facts));
      return [startDatabaseContainerChange(facts, text), ...step.plan(facts)];
    },
  };
}
