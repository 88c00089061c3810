import type { Change } from '../../../../contracts/plan.ts';
import type { RoleSpec, ServerRef } from '../../../../extraction/api.ts';
import { orphanedFile, orphansInDatabase } from '../../../core/orphans.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { serverOf } from '../../../core/service-database.ts';
import { rolesOf } from '../target.ts';

export type CreateRoles = Change<
  'create-roles',
  { readonly server: ServerRef; readonly roles: readonly RoleSpec[] }
>;

/** The service's roles. Passwords are generated when it runs, and kept among the secrets only. */
export const createRoles: Operation<CreateRoles> = {
  kind: 'create-roles',
  undoPhase: 'database',
  plan(facts) {
    const roles = rolesOf(facts);
    const target = roles.map((role) => role.name).join(', ');
    const after = { server: serverOf(facts), roles };
    return [{ step: 'database', kind: 'create-roles', target, before: null, after }];
  },
  async run({ after }, ports) {
    await ports.database.createRoles(after.server, after.roles);
  },
  async undo({ after }, ports) {
    await ports.database.dropRoles(after.server, after.roles);
  },
  done: (change) => `Roles ${change.target} created`,
  undone: (change) => `Roles ${change.target} dropped`,
  wouldUndo: ({ target }) => `Drop roles ${target}`,
  would: (change) => `Would create roles: ${change.target}`,
  // A server in a container is removed with it
  removeByHand: ({ after }) =>
    after.server.kind === 'own' ? '' : sqlCommand(`DROP ROLE IF EXISTS ${quoted(after.roles)}`),
  async findOrphans({ names }, ports) {
    const secrets = Object.values(names.secrets).map((name) => `${ports.settings.stateDir}/secrets/${name}`);
    const roles = await orphansInDatabase(ports, ROLES, [
      [names.migratorRole, names.runtimeRole, names.ownerRole],
    ]);
    const passwords = await Promise.all(secrets.map((file) => orphanedFile('password', file, ports)));
    return [...roles, ...passwords.flat()];
  },
};

const ROLES = `
SELECT 'role ' || rolname AS name, format('DROP ROLE %I', rolname) AS sql, true AS owned
  FROM pg_roles WHERE rolname = ANY ($1::text[]) ORDER BY array_position($1::text[], rolname::text)`;

const quoted = (roles: readonly RoleSpec[]): string => roles.map((role) => `"${role.name}"`).join(', ');
