import type { Change } from '../../../../contracts/plan.ts';
import type { RoleSpec, ServerRef } from '../../../../extraction/api.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { DatabaseFacts } from '../facts.ts';
import { rolesOf, serverOf } from '../target.ts';

export type CreateRoles = Change<
  'create-roles',
  { readonly server: ServerRef; readonly roles: readonly RoleSpec[] }
>;

/** The service's roles. Passwords are generated when it runs, and kept among the secrets only. */
export const createRoles: Operation<CreateRoles, DatabaseFacts> = {
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
  would: (change) => `Would create roles: ${change.target}`,
  // A server in a container is removed with it
  removeByHand: ({ after }) =>
    after.server.kind === 'own' ? '' : sqlCommand(`DROP ROLE IF EXISTS ${quoted(after.roles)}`),
};

const quoted = (roles: readonly RoleSpec[]): string => roles.map((role) => `"${role.name}"`).join(', ');
