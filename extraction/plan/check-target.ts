import type { Finding } from '../../contracts/plan.ts';
import type { Column, Constraint, Extension, Relation } from '../catalog/catalog.ts';
import { findIn, type FindingRow } from './findings.ts';
import type { PlanInput } from './input.ts';
import type { ExtractionPlan, Statement } from './plan.ts';
import type { TargetFacts } from './target.ts';

/** Everything in the target that would stop the plan, or change its result. */
export const checkTarget = (input: PlanInput, plan: ExtractionPlan): Finding[] => {
  const { target } = input;
  return [
    ...findIn(createdObjects(plan), existingObject(target)),
    ...findIn(otherRelations(input, plan), existingRelation(target)),
    ...findIn(extensionsOf(input), EXTENSION),
    ...findIn([...plan.before, ...plan.after], superuserOnly(target)),
    ...findIn([{ target, source: input.catalog.server }], DATABASE),
    ...findIn([...input.selection.tables, ...input.boundary.views], accessMethod(input)),
    ...findIn([...input.selection.tables, ...input.kept.indexes], tablespace(target)),
    ...findIn(functionsOf(input), language(input)),
    ...findIn(policyRoles(input), policyRole(target)),
    ...findIn(generatedColumns(input), virtualColumn(target)),
    ...findIn(constraintsOf(input), unknownConstraint(target)),
  ];
};

const withoutKind = (id: string): string => id.replace(/^\S+ /, '');

/** The name of a created object as `TargetFacts.existing` lists it. */
const existingName = ({ id }: Statement): string =>
  id
    .replace(/^(TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE) /, 'relation ')
    .replace(/^(FUNCTION|PROCEDURE|AGGREGATE) /, 'function ')
    .replace(/^(TYPE|DOMAIN) /, 'type ');

const createdObjects = (plan: ExtractionPlan): Statement[] =>
  plan.before.filter((statement) => statement.undo !== '');

const existingObject = ({ existing }: TargetFacts): FindingRow<Statement>[] => [
  {
    code: 'target-exists',
    severity: 'error',
    when: (created) => existing.includes(existingName(created)),
    object: ({ id }) => withoutKind(id),
    message: (created) => `The target has ${existingName(created)} already`,
    remedy: ({ id }) => `Name an empty database, or drop it there first: DROP ${id};`,
  },
];

/** Sequences and views that no pre-data statement of their own creates. */
function otherRelations({ target, boundary }: PlanInput, plan: ExtractionPlan): string[] {
  const reported = createdObjects(plan)
    .filter((created) => target.existing.includes(existingName(created)))
    .map(({ id }) => withoutKind(id));
  return [...plan.sequences, ...boundary.views]
    .map((relation) => relation.name)
    .filter((name) => !reported.includes(name));
}

const existingRelation = ({ existing }: TargetFacts): FindingRow<string>[] => [
  {
    code: 'target-exists',
    severity: 'error',
    when: (name) => existing.includes(`relation ${name}`),
    object: (name) => name,
    message: (name) => `The target has relation ${name} already`,
    remedy: () => 'Name an empty database, or drop it there first.',
  },
];

type ExtensionState =
  'ready' | 'other-schema' | 'other-version' | 'needs-superuser' | 'unavailable' | 'default-version';

interface NeededExtension extends Extension {
  readonly state: ExtensionState;
  readonly installed: TargetFacts['installed'][string] | undefined;
  readonly available: readonly string[];
  readonly user: string;
}

function extensionsOf({ catalog, extensions, target }: PlanInput): NeededExtension[] {
  return catalog.extensions
    .filter((extension) => extensions.has(extension.oid))
    .map((extension) => ({
      ...extension,
      state: stateOf(extension, target),
      installed: target.installed[extension.rawName],
      available: target.extensions[extension.rawName] ?? [],
      user: target.user,
    }));
}

function stateOf({ rawName, schema, version }: Extension, target: TargetFacts): ExtensionState {
  const installed = target.installed[rawName];
  const available = target.extensions[rawName] ?? [];
  if (installed !== undefined && installed.schema !== schema) return 'other-schema';
  if (installed !== undefined) return installed.version === version ? 'ready' : 'other-version';
  if (!target.superuser && target.superuserExtensions?.includes(rawName) === true) return 'needs-superuser';
  if (available.length === 0) return 'unavailable';
  return available.includes(version) ? 'ready' : 'default-version';
}

const EXTENSION: readonly FindingRow<NeededExtension>[] = [
  {
    code: 'extension-differs',
    severity: 'error',
    when: ({ state }) => state === 'other-schema',
    object: ({ name }) => name,
    message: ({ name, schema, installed }) =>
      `The target has extension ${name} in schema ${installed?.schema ?? ''}; the source has it in ${schema}`,
    remedy: ({ name, schema }) => `ALTER EXTENSION ${name} SET SCHEMA ${schema};`,
  },
  {
    code: 'extension-version',
    severity: 'warning',
    when: ({ state }) => state === 'other-version',
    object: ({ name }) => name,
    message: ({ name, version, installed }) =>
      `The target has extension ${name} ${installed?.version ?? ''}; the source has ${version}`,
    remedy: ({ name }) => `ALTER EXTENSION ${name} UPDATE where the older one is.`,
  },
  {
    code: 'needs-superuser',
    severity: 'error',
    when: ({ state }) => state === 'needs-superuser',
    object: ({ name }) => name,
    message: ({ name, user }) => `Extension ${name} may be created by a superuser only, and ${user} is none`,
    remedy: ({ name, schema }) =>
      `Have it created in the target first: CREATE EXTENSION ${name} WITH SCHEMA ${schema};`,
  },
  {
    code: 'extension-missing',
    severity: 'error',
    when: ({ state }) => state === 'unavailable',
    object: ({ name }) => name,
    message: ({ name }) => `Extension ${name} is needed and the target's server does not offer it`,
    remedy: ({ name }) => `Install the package that brings ${name} on that server.`,
  },
  {
    code: 'extension-version',
    severity: 'warning',
    when: ({ state }) => state === 'default-version',
    object: ({ name }) => name,
    message: ({ name, version, available }) =>
      `Extension ${name} is ${version} in the source; the target's server offers ${[...available].sort().join(', ')}: it gets its default one`,
    remedy: () => 'Read what changed between the two versions.',
  },
];

const SUPERUSER_ONLY =
  /^CREATE (OPERATOR (CLASS|FAMILY)|TEXT SEARCH (PARSER|TEMPLATE)|CAST .* WITHOUT FUNCTION)|^CREATE (FUNCTION|PROCEDURE) [^$]*\bLEAKPROOF\b/s;

const superuserOnly = ({ superuser, user }: TargetFacts): FindingRow<Statement>[] => [
  {
    code: 'needs-superuser',
    severity: 'error',
    when: ({ sql }) => !superuser && SUPERUSER_ONLY.test(sql),
    object: ({ id }) => withoutKind(id),
    message: ({ id }) => `${id} may be created by a superuser only, and ${user} is none`,
    remedy: () => 'Connect to the target as a superuser, or package it as an extension.',
  },
];

interface Databases {
  readonly target: TargetFacts;
  readonly source: PlanInput['catalog']['server'];
}

const DATABASE: readonly FindingRow<Databases>[] = [
  {
    code: 'encoding-differs',
    severity: 'error',
    when: ({ target, source }) => target.encoding !== null && target.encoding !== source.encoding,
    object: ({ target }) => target.database,
    message: ({ target, source }) =>
      `The target's encoding is ${target.encoding ?? ''}; the source's is ${source.encoding}`,
    remedy: ({ source }) => `Create the target with TEMPLATE template0 ENCODING '${source.encoding}'.`,
  },
  {
    code: 'locale-differs',
    severity: 'warning',
    when: ({ target, source }) => target.collate !== null && target.collate !== source.collate,
    object: ({ target }) => target.database,
    message: ({ target, source }) =>
      `The target sorts by ${target.collate ?? ''}, the source by ${source.collate}: text comes out in another order`,
    remedy: ({ source }) => `For the same order create the target with LC_COLLATE '${source.collate}'.`,
  },
  {
    code: 'target-missing',
    severity: 'error',
    when: ({ target }) => target.missing && !target.canCreateDatabase,
    object: ({ target }) => target.database,
    message: ({ target }) =>
      `Database ${target.database} does not exist and ${target.user} may not create it`,
    remedy: ({ target }) => `Have it created: CREATE DATABASE ${target.database} TEMPLATE template0;`,
  },
  {
    code: 'target-forbidden',
    severity: 'error',
    when: ({ target }) => !target.missing && !target.canCreateInDatabase,
    object: ({ target }) => target.database,
    message: ({ target }) => `${target.user} may not create anything in ${target.database}`,
    remedy: ({ target }) => `GRANT CREATE ON DATABASE ${target.database} TO ${target.user};`,
  },
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
      `${name} is stored by ${method ?? ''}, which the target does not have`,
    remedy: ({ accessMethod: method }) => `Install the extension that brings ${method ?? ''}.`,
  },
];

const tablespace = ({ tablespaces }: TargetFacts): FindingRow<Pick<Relation, 'name' | 'tablespace'>>[] => [
  {
    code: 'tablespace-mapped',
    severity: 'warning',
    when: ({ tablespace: space }) => space !== null && !tablespaces.includes(space),
    object: ({ name }) => name,
    message: ({ name, tablespace: space }) =>
      `${name} lies in tablespace ${space ?? ''}, which the target's server does not have: it goes to the default one`,
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
    message: (fn) => `${fn.identity} is written in ${fn.language}, which the target does not have`,
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
    message: ({ policy, role }) => `Policy ${policy} is for ${role}, a role that the target does not have`,
    remedy: ({ role }) => `Create it there first: CREATE ROLE ${role};`,
  },
];

/** The first major with virtual generated columns, NOT NULL constraints that are NOT VALID, and PERIOD keys. */
const VERSION_18 = 180_000;

const majorOf = ({ version }: TargetFacts): number => Math.floor(version / 10_000);

interface GeneratedColumn {
  readonly name: string;
  readonly generated: Column['generated'];
}

const generatedColumns = ({ selection }: PlanInput): GeneratedColumn[] =>
  selection.tables.flatMap((table) =>
    table.columns.map(({ name, generated }) => ({ name: `${table.name}.${name}`, generated })),
  );

const virtualColumn = (target: TargetFacts): FindingRow<GeneratedColumn>[] => [
  {
    code: 'virtual-column',
    severity: 'error',
    when: ({ generated }) => target.version < VERSION_18 && generated === 'v',
    object: ({ name }) => name,
    message: ({ name }) =>
      `${name} is a virtual generated column, which the target (PostgreSQL ${majorOf(target)}) does not know`,
    remedy: () => 'Use PostgreSQL 18 for the target.',
  },
];

type NamedConstraint = Constraint & { readonly on: string };

const constraintsOf = ({ kept, graph }: PlanInput): NamedConstraint[] =>
  kept.constraints.map((constraint) => ({
    ...constraint,
    on: graph.relations.get(constraint.table ?? '')?.name ?? '',
  }));

const isUnvalidatedNotNull = ({ kind, validated }: Constraint): boolean => kind === 'n' && !validated;
const isNewKind = ({ period, definition }: Constraint): boolean =>
  period || /\bPERIOD\b.* REFERENCES | NOT ENFORCED$/.test(definition);

const unknownConstraint = (target: TargetFacts): FindingRow<NamedConstraint>[] => [
  {
    code: 'constraint-unknown',
    severity: 'error',
    when: (constraint) => target.version < VERSION_18 && isUnvalidatedNotNull(constraint),
    object: ({ name, on }) => `${name} ON ${on}`,
    message: ({ name }) =>
      `${name} is a NOT NULL that was never validated, which PostgreSQL ${majorOf(target)} does not know`,
    remedy: () => 'Use PostgreSQL 18 for the target, or validate it.',
  },
  {
    code: 'constraint-unknown',
    severity: 'error',
    when: (constraint) =>
      target.version < VERSION_18 && isNewKind(constraint) && !isUnvalidatedNotNull(constraint),
    object: ({ name, on }) => `${name} ON ${on}`,
    message: ({ name }) => `${name} is of a kind that PostgreSQL ${majorOf(target)} does not know`,
    remedy: () => 'Use PostgreSQL 18 for the target.',
  },
];
