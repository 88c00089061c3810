import pg from 'pg';
import type { Finding } from '../../contracts/plan.ts';
import type { Catalog, Key } from '../catalog/catalog.ts';
import { assemble } from './assemble.ts';
import { checkTarget } from './target-checks/check-target.ts';
import { drawBoundary } from './closure/boundary.ts';
import { bystanderFindings } from './closure/bystanders.ts';
import { closeSelection } from './closure/closure.ts';
import { defaultConfiguration } from './closure/default-configuration.ts';
import { buildGraph } from './closure/graph.ts';
import { sidesOf } from './closure/sides.ts';
import type { TableName } from './closure/names.ts';
import { selectTables } from './closure/selection.ts';
import { planCopies } from './data/copies.ts';
import { namesInRows, type NamesInRows } from './data/name-columns.ts';
import { keepArrayCastsOf } from './ddl/stable-arrays.ts';
import { unreadableStatements } from './encoding.ts';
import type { PlanInput } from './input.ts';
import { maintenanceFindings } from './maintenance-path.ts';
import type { ExtractionPlan } from './plan.ts';
import { replacedGrants } from './post-data/service-grants.ts';
import { obstacleToMembers, type Ownership, type TargetFacts } from './target.ts';

export interface ExtractionRequest {
  readonly tables: readonly TableName[];
  readonly severIncoming: boolean;
  readonly ownership: Ownership;
  /** Objects that rows name, as values of type regconfig and the like. */
  readonly namedByRows?: readonly Key[];
}

export interface Extraction {
  /** `null` when no table could be selected. */
  readonly plan: ExtractionPlan | null;
  /** One `error` refuses the plan. */
  readonly findings: readonly Finding[];
  /** Foreign keys that are NOT VALID, with the query that counts the rows that violate them. */
  readonly unvalidated: readonly { readonly object: string; readonly count: string }[];
  /** Configuration tables of needed extensions, with the condition of the user's own rows. */
  readonly extensionRows: readonly {
    readonly object: string;
    readonly condition: string;
    /** Why these rows are not copied; otherwise `null`. */
    readonly obstacle: string | null;
  }[];
  readonly names: NamesInRows;
}

/**
 * The whole database plan, from the catalogs alone. Pure: the same catalogs give the same text, which the dry run
 * prints and the run executes.
 */
export function planExtraction(read: Catalog, target: TargetFacts, request: ExtractionRequest): Extraction {
  const catalog = keepArrayCastsOf(read);
  const graph = buildGraph(catalog);
  const selection = selectTables(catalog, request.tables);
  if (selection.tables.length === 0)
    return { plan: null, findings: selection.findings, unvalidated: [], extensionRows: [], names: NO_NAMES };
  const boundary = drawBoundary(catalog, graph, selection, request);
  const closure = closeSelection({
    catalog,
    graph,
    selection,
    boundary,
    namedByRows: request.namedByRows ?? [],
  });
  const input: PlanInput = {
    catalog,
    graph,
    selection,
    boundary,
    ...closure,
    target,
    ownership: request.ownership,
  };
  const assembled = assemble(input);
  const { database, version, encoding } = catalog.server;
  const textSearchConfig = defaultConfiguration(catalog);
  const plan: ExtractionPlan = {
    source: { database, version, encoding },
    searchPath: searchPathOf(input),
    ...(textSearchConfig === null ? {} : { textSearchConfig }),
    groups: selection.groups.map(({ name, members }) => ({
      name,
      tables: members.map((table) => table.name),
    })),
    ...planCopies(catalog, graph, selection, input),
    ...assembled.statements,
  };
  const findings = [
    ...selection.findings,
    ...boundary.findings,
    ...closure.findings,
    ...bystanderFindings(sidesOf(catalog, graph, selection), closure.included),
    ...assembled.findings,
    ...checkTarget(input, plan),
    ...maintenanceFindings(input),
    ...replacedGrants(input),
  ];
  return {
    plan,
    findings: [...findings, ...unreadableStatements(catalog, plan)],
    unvalidated: unvalidatedKeys(input),
    extensionRows: extensionRows(input),
    names: namesInRows(input, { schemas: new Set(createdSchemas(plan)) }),
  };
}

const unvalidatedKeys = ({ catalog, selection, graph }: PlanInput): Extraction['unvalidated'] =>
  catalog.constraints.flatMap(({ name, table, orphans }) =>
    table !== null && selection.oids.has(table) && orphans !== null
      ? [{ object: `${name} ON ${graph.relations.get(table)?.name ?? ''}`, count: orphans }]
      : [],
  );

const NO_NAMES: NamesInRows = { columns: [], arrives: () => true, extractable: () => null };

const createdSchemas = ({ before }: ExtractionPlan): string[] =>
  before.flatMap(({ id }) => (id.startsWith('SCHEMA ') ? [id.slice('SCHEMA '.length)] : []));

const extensionRows = ({ catalog, extensions, target }: PlanInput): Extraction['extensionRows'] =>
  catalog.extensions
    .filter(({ oid }) => extensions.has(oid))
    .flatMap((extension) =>
      extension.configuration
        .filter(({ kind }) => kind === 'table')
        .map(({ name, condition }) => ({
          object: name,
          condition,
          obstacle: obstacleToMembers(target, extension),
        })),
    );

/**
 * The search path of a plain connection, followed by the other schemas of the plan: bodies may rely on a path that
 * the application sets.
 */
function searchPathOf({ catalog, selection, included }: PlanInput): string[] {
  const functions = catalog.functions.filter((fn) => included.has(`pg_proc:${fn.oid}`));
  const used = new Set([...selection.tables, ...functions].map((object) => object.schema));
  const { searchPath } = catalog.server;
  const others = catalog.schemas.filter(
    ({ name, rawName }) => !searchPath.includes(rawName) && used.has(name),
  );
  return [...searchPath, ...others.map(({ rawName }) => rawName)].map((schema) =>
    pg.escapeIdentifier(schema),
  );
}
