import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseSpec } from '../../../../extraction/api.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { DatabaseFacts } from '../facts.ts';
import { databaseOf } from '../target.ts';

export type CreateDatabase = Change<'create-database', DatabaseSpec>;

/** An empty database from template0, owned by the owner role, with the source's encoding and collation. */
export const createDatabase: Operation<CreateDatabase, DatabaseFacts> = {
  kind: 'create-database',
  undoPhase: 'database',
  plan(facts) {
    const { names, database } = facts;
    const { encoding, collate, ctype } = database;
    return [
      {
        step: 'database',
        kind: 'create-database',
        target: names.database,
        before: null,
        after: {
          at: databaseOf(facts),
          owner: names.ownerRole,
          encoding,
          collate,
          ctype,
          connect: [names.migratorRole, names.runtimeRole],
        },
      },
    ];
  },
  async run({ after }, ports) {
    await ports.database.createDatabase(after);
  },
  async undo({ after }, ports) {
    await ports.database.dropDatabase(after.at);
  },
  done: (change) => `Database '${change.target}' created`,
  undone: (change) => `Database '${change.target}' dropped`,
  would: (change) => `Would create database: ${change.target}`,
  // A server in a container is removed with it
  removeByHand: ({ target, after }) =>
    after.at.server.kind === 'own' ? '' : sqlCommand(`DROP DATABASE IF EXISTS "${target}" WITH (FORCE)`),
};
