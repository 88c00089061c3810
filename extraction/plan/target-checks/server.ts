import pg from 'pg';
import type { Finding } from '../../../contracts/plan.ts';
import type { Relation } from '../../catalog/catalog.ts';
import { findIn, type FindingRow } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { TargetFacts } from '../target.ts';

/** Access methods, tablespaces, languages and roles that the target lacks. */
export const checkServer = (input: PlanInput): Finding[] => [
  ...findIn([...input.selection.tables, ...input.boundary.views], accessMethod(input)),
  ...findIn([...input.selection.tables, ...input.kept.indexes], tablespace(input.target)),
  ...findIn(functionsOf(input), language(input)),
  ...findIn(policyRoles(input), policyRole(input.target)),
  ...findIn(rolesInBodies(input), roleInBody(input.target)),
];

const accessMethod = ({ target, catalog, extensions }: PlanInput): FindingRow<Relation>[] => [
  {
    code: 'access-method-missing',
    severity: 'error',
    when: ({ accessMethod: method }) =>
      method !== null &&
      !target.accessMethods.includes(method) &&
      catalog.members[`pg_am:${method}`] === undefined &&
      extensions.size === 0,
    object: ({ name }) => name,
    message: ({ name, accessMethod: method }) =>
      `${name} uses access method ${method ?? ''}, which the target lacks`,
    remedy: ({ accessMethod: method }) => `Install the extension that provides ${method ?? ''}.`,
  },
];

const tablespace = ({ tablespaces }: TargetFacts): FindingRow<Pick<Relation, 'name' | 'tablespace'>>[] => [
  {
    code: 'tablespace-mapped',
    severity: 'warning',
    when: ({ tablespace: space }) => space !== null && !tablespaces.includes(space),
    object: ({ name }) => name,
    message: ({ name, tablespace: space }) =>
      `${name} is in tablespace ${space ?? ''}, which the target's server lacks: it is created in the default tablespace`,
    remedy: ({ tablespace: space }) => `To keep it: CREATE TABLESPACE ${space ?? ''} LOCATION '…';`,
  },
];

type FunctionObject = PlanInput['catalog']['functions'][number];

const functionsOf = ({ catalog, included }: PlanInput): FunctionObject[] =>
  catalog.functions.filter((fn) => included.has(`pg_proc:${fn.oid}`));

const language = ({ target, catalog, extensions }: PlanInput): FindingRow<FunctionObject>[] => [
  {
    code: 'language-missing',
    severity: 'error',
    when: (fn) =>
      !target.languages.includes(fn.language) &&
      !catalog.extensions.some((item) => item.rawName === fn.language && extensions.has(item.oid)),
    object: ({ identity }) => identity,
    message: (fn) => `${fn.identity} is written in ${fn.language}, which the target lacks`,
    remedy: (fn) => `CREATE EXTENSION ${fn.language};`,
  },
];

interface PolicyRole {
  readonly policy: string;
  readonly table: string;
  readonly role: string;
}

const policyRoles = ({ kept, graph }: PlanInput): PolicyRole[] =>
  kept.policies.flatMap(({ name, table, roles }) =>
    roles.map((role) => ({ policy: name, table: graph.relations.get(table)?.name ?? '', role })),
  );

const policyRole = ({ roles }: TargetFacts): FindingRow<PolicyRole>[] => [
  {
    code: 'role-missing',
    severity: 'error',
    when: ({ role }) => role !== 'PUBLIC' && !roles.includes(role),
    object: ({ policy, table }) => `${policy} ON ${table}`,
    message: ({ policy, role }) => `Policy ${policy} is for role ${role}, which the target lacks`,
    remedy: ({ role }) => `Create the role first: CREATE ROLE ${role};`,
  },
];

interface RoleInBody {
  readonly identity: string;
  /** Quoted. */
  readonly role: string;
}

const rolesInBodies = (input: PlanInput): RoleInBody[] =>
  functionsOf(input).flatMap(({ identity, body }) => body.roles.map((role) => ({ identity, role })));

const roleInBody = ({ roles }: TargetFacts): FindingRow<RoleInBody>[] => [
  {
    code: 'role-in-body',
    severity: 'warning',
    when: ({ role }) => !roles.includes(role) && !roles.includes(pg.escapeIdentifier(role)),
    object: ({ identity }) => identity,
    message: ({ identity, role }) => `${identity} names role ${role}, which the target lacks`,
    remedy: ({ role }) =>
      `Create the role if the function needs it: CREATE ROLE ${pg.escapeIdentifier(role)};`,
  },
];
