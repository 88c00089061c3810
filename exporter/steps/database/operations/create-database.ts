import type { Change } from '../../../../contracts/plan.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { DatabaseSpec } from '../../../../extraction/api.ts';

export type CreateDatabase = Change<'create-database', DatabaseSpec>;

/** An empty database from template0, owned by the owner role, encoded and sorted like the source. */
export const createDatabase: Operation<CreateDatabase> = {
  kind: 'create-database',
  undoPhase: 'database',
  async run({ after }, ports) {
    if (after !== null) await ports.database.createDatabase(after);
  },
  async undo({ after }, ports) {
    if (after !== null) await ports.database.dropDatabase(after.at);
  },
  done: (change) => `Database '${change.target}' created`,
  undone: (change) => `Database '${change.target}' dropped`,
  would: (change) => `Would create database: ${change.target}`,
  // A server of its own goes with its container
  debris: ({ target, after }) =>
    after?.at.server.kind === 'own' ? '' : sqlCommand(`DROP DATABASE IF EXISTS "${target}" WITH (FORCE)`),
};
