import type { Change } from '../../../contracts/plan.ts';
import type { Facts } from '../../core/facts.ts';
import type { Operation, Step } from '../../core/step.ts';
import { copyTables, type CopyTables } from './operations/copy-tables.ts';
import { createDatabase, type CreateDatabase } from './operations/create-database.ts';
import { createRoles, type CreateRoles } from './operations/create-roles.ts';
import { fenceTables, type FenceTables } from './operations/fence-tables.ts';
import { verify, type Verify } from './operations/verify.ts';
import type { DatabaseRef, RoleSpec, ServerRef } from '../../../extraction/api.ts';

const operations: readonly Operation[] = [createRoles, createDatabase, fenceTables, copyTables, verify];

/** The tool's tables, in a database of their own. */
export const databaseStep: Step = {
  id: 'database',
  title: 'Migrate Database',
  check: (facts) => facts.database.findings,
  plan(facts) {
    const { database, names, manifest } = facts;
    const server = serverOf(facts);
    const roles = rolesOf(facts);
    const at: DatabaseRef = { server, database: names.database };
    const own = { step: 'database', before: null } as const;
    const changes: Change[] = [
      { ...own, kind: 'create-roles', target: roles.map((role) => role.name).join(', '), after: { server, roles } } satisfies CreateRoles,
      {
        ...own, kind: 'create-database', target: names.database,
        after: {
          at, owner: names.ownerRole, encoding: database.encoding, collate: database.collate, ctype: database.ctype,
          connect: [names.migratorRole, names.runtimeRole],
        },
      } satisfies CreateDatabase,
    ];
    const plan = database.extraction;
    if (plan === null) return changes;
    const fence: FenceTables['after'] = { toolId: manifest.id, toolName: manifest.name, takenOverBy: names.api, tables: database.fenced };
    const rows = Object.values(database.rows).reduce((sum, n) => sum + n, 0);
    const moved: Change[] = [
      { ...own, kind: 'fence-tables', target: database.fenced.join(', '), after: fence } satisfies FenceTables,
      { ...own, kind: 'copy-tables', target: names.database, after: { into: at, plan, rows, tables: plan.groups.length } } satisfies CopyTables,
      { ...own, kind: 'verify', target: names.database, after: { at, plan } } satisfies Verify,
    ];
    return [...changes, ...moved];
  },
  operations,
}; // prettier-ignore

function serverOf({ runtime, infrastructure, names }: Facts): ServerRef {
  if (runtime === 'local') return { kind: 'source' };
  return { kind: 'own', host: '127.0.0.1', port: infrastructure.databasePort, user: 'dbuser', secret: names.secrets.admin };
} // prettier-ignore

function rolesOf({ names }: Facts): RoleSpec[] {
  return [
    { name: names.ownerRole, login: false, secret: null, memberOf: [], actsAs: null },
    { name: names.migratorRole, login: true, secret: names.secrets.migrator, memberOf: [names.ownerRole], actsAs: names.ownerRole },
    { name: names.runtimeRole, login: true, secret: names.secrets.runtime, memberOf: [], actsAs: null },
  ];
} // prettier-ignore
