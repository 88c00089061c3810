import type { Change } from '../../../../contracts/plan.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { RoleSpec, ServerRef } from '../../../../extraction/api.ts';

export type CreateRoles = Change<
  'create-roles',
  { readonly server: ServerRef; readonly roles: readonly RoleSpec[] }
>;

/** The service's roles. Passwords are made when it runs and live in the secrets alone. */
export const createRoles: Operation<CreateRoles> = {
  kind: 'create-roles',
  undoPhase: 'database',
  async run({ after }, ports) {
    if (after !== null) await ports.database.createRoles(after.server, after.roles);
  },
  async undo({ after }, ports) {
    if (after !== null) await ports.database.dropRoles(after.server, after.roles);
  },
  done: (change) => `Roles ${change.target} created`,
  undone: (change) => `Roles ${change.target} dropped`,
  would: (change) => `Would create roles: ${change.target}`,
  // A server of its own goes with its container
  debris: ({ after }) =>
    after?.server.kind === 'own' ? '' : sqlCommand(`DROP ROLE IF EXISTS ${quoted(after?.roles ?? [])}`),
};

const quoted = (roles: readonly RoleSpec[]): string => roles.map((role) => `"${role.name}"`).join(', ');
