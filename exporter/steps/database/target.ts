import type { RoleSpec } from '../../../extraction/api.ts';
import type { SharedFacts } from '../../core/facts.ts';

/** On the platform's server, so that a service leaves connections to the platform and to other tools. */
const CONNECTIONS_BESIDE_OTHERS = 100;

/** The service's roles: owner of the objects, migrations, requests. */
export function rolesOf({ names, runtime }: SharedFacts): readonly RoleSpec[] {
  const role = (name: string, more: Partial<RoleSpec>): RoleSpec => ({
    name,
    login: true,
    secret: null,
    memberOf: [],
    actsAs: null,
    ...more,
  });
  const limit = runtime === 'local' ? { connectionLimit: CONNECTIONS_BESIDE_OTHERS } : {};
  return [
    role(names.ownerRole, { login: false }),
    role(names.migratorRole, {
      secret: names.secrets.migrator,
      memberOf: [names.ownerRole],
      actsAs: names.ownerRole,
    }),
    role(names.runtimeRole, { secret: names.secrets.runtime, ...limit }),
  ];
}
