import type { DatabaseRef, RoleSpec, ServerRef } from '../../../extraction/api.ts';
import type { SharedFacts } from '../../core/facts.ts';

/** The server of the new database: the source's own (local runtime), or the service's container. */
export function serverOf({ runtime, infrastructure, names }: SharedFacts): ServerRef {
  if (runtime === 'local') return { kind: 'source' };
  return {
    kind: 'own',
    host: '127.0.0.1',
    port: infrastructure.databasePort,
    user: 'dbuser',
    secret: names.secrets.admin,
  };
}

export const databaseOf = (facts: SharedFacts): DatabaseRef => ({
  server: serverOf(facts),
  database: facts.names.database,
});

/** The service's roles: owner of the objects, migrations, requests. */
export function rolesOf({ names }: SharedFacts): readonly RoleSpec[] {
  const role = (name: string, more: Partial<RoleSpec>): RoleSpec => ({
    name,
    login: true,
    secret: null,
    memberOf: [],
    actsAs: null,
    ...more,
  });
  return [
    role(names.ownerRole, { login: false }),
    role(names.migratorRole, {
      secret: names.secrets.migrator,
      memberOf: [names.ownerRole],
      actsAs: names.ownerRole,
    }),
    role(names.runtimeRole, { secret: names.secrets.runtime }),
  ];
}
