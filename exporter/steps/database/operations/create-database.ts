import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseSpec } from '../../../../extraction/api.ts';
import { orphansInDatabase } from '../../../core/orphans.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import { databaseOf } from '../../../core/service-database.ts';
import type { Operation } from '../../../core/step.ts';

export type CreateDatabase = Change<'create-database', DatabaseSpec>;

/** An empty database from template0, owned by the owner role, with the source's encoding and locale. */
export const createDatabase: Operation<CreateDatabase> = {
  kind: 'create-database',
  undoPhase: 'database',
  plan(facts) {
    const { names, database } = facts;
    const { encoding, collate, ctype, provider, locale, rules } = database;
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
          ...(provider === undefined ? {} : { provider, locale: locale ?? null, rules: rules ?? null }),
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
  wouldUndo: ({ target }) => `Drop database ${target}`,
  would: (change) => `Would create database: ${change.target}`,
  // A server in a container is removed with it
  removeByHand: ({ target, after }) =>
    after.at.server.kind === 'own' ? '' : sqlCommand(`DROP DATABASE IF EXISTS "${target}" WITH (FORCE)`),
  findOrphans: ({ names }, ports) =>
    orphansInDatabase(ports, SLOTS_AND_DATABASE, [names.database, names.ownerRole]),
};

/** A slot holds its database. Slots of other databases belong to others. */
const SLOTS_AND_DATABASE = `
SELECT 'replication slot ' || slot_name AS name, format('SELECT pg_drop_replication_slot(%L)', slot_name) AS sql,
    NOT active AS owned
  FROM pg_replication_slots WHERE database = $1
UNION ALL
SELECT format('database %s (%s, owner %s)', datname, pg_size_pretty(pg_database_size(oid)), pg_get_userbyid(datdba)),
    format('DROP DATABASE %I WITH (FORCE)', datname), pg_get_userbyid(datdba) = $2
  FROM pg_database WHERE datname = $1`;
