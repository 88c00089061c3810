import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceFile } from 'ts-morph';
import { readImportGraph } from '../source/import-graph.ts';
import { forgetNodes } from '../source/nodes.ts';
import { namesPassedToDatabase } from '../sql/find-sql.ts';
import { targetsOf } from './bindings.ts';
import { loadSqlParser } from '../../contracts/sql-parser.ts';
import { findCouplings, sharedFilesOfModules } from './couplings.ts';
import { costOfModule, orderOfLeaving, type Leaving } from './cost.ts';
import { readEndpoints, type Endpoint } from './endpoints.ts';
import { findModules } from './modules.ts';
import { ownersOfTables, type OwnerRule } from './owners.ts';
import { reachTables } from './reach.ts';
import { readFile, type FileFacts } from './read-file.ts';
import { sourceFiles } from './source-files.ts';
import { variableState, type StateUse } from './state.ts';
import { countCalls } from './statement-calls.ts';
import { prismaModelsOf, tablesOfSource } from './tables/read-source.ts';
import { SHARED, type Access, type Coupling, type DatabaseFacts, type Source, type Unread } from './types.ts';

export interface TableReport {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly owner: string;
  /** The rule that decides the owner. */
  readonly ownedBy: OwnerRule;
  /** `false` when neither the source nor the database defines it. */
  readonly defined: boolean;
  /** Calls of statements that use it; `null` without pg_stat_statements. */
  readonly calls: number | null;
}

export interface ModuleReport {
  readonly name: string;
  readonly folder: string;
  readonly files: number;
  readonly lines: number;
  readonly endpoints: readonly Endpoint[];
  readonly tables: readonly string[];
  readonly packages: readonly string[];
  readonly variables: readonly string[];
  readonly sessionKeys: readonly string[];
  /** Shared files that it needs, and the other modules that need them. */
  readonly shares: readonly { readonly file: string; readonly with: readonly string[] }[];
  /** Variables that other modules read as well. */
  readonly sharedVariables: readonly string[];
  /** The cost of all couplings of the module, in both directions; see the documentation for the weights. */
  readonly cost: number;
}

/** A cell of a matrix: how many places of a module use another module or a table. */
export interface Cell {
  readonly module: string;
  readonly target: string;
  readonly places: number;
  /** `null` between modules. */
  readonly access: Access | null;
}

export interface Boundaries {
  readonly modules: readonly ModuleReport[];
  readonly tables: readonly TableReport[];
  readonly couplings: readonly Coupling[];
  readonly matrix: { readonly modules: readonly Cell[]; readonly tables: readonly Cell[] };
  readonly order: readonly Leaving[];
  readonly unread: readonly Unread[];
  /** Shared code that lies in no module. */
  readonly shared: { readonly files: number; readonly lines: number };
  readonly statements: 'counted' | 'unreadable' | 'not asked';
}

export interface BoundariesRequest {
  /** Absolute path of the application's source. */
  readonly root: string;
  /** Folders that are modules, as a glob below the source; default: {@link findModules} finds them. */
  readonly modules?: string;
  readonly database: DatabaseFacts | null;
}

/** Why a source cannot be analysed. */
export class NoModules extends Error {
  override readonly name = 'NoModules';
}

/**
 * Reads the source of an application and reports where it can be cut. Runs nothing of it and writes nothing.
 * @throws NoModules when fewer than one module is found
 */
export async function analyseBoundaries({
  root,
  modules: pattern,
  database,
}: BoundariesRequest): Promise<Boundaries> {
  await loadSqlParser();
  const files = sourceFiles(root);
  const modules = findModules(files, pattern);
  if (modules.length === 0) throw new NoModules('no folder of the source is a module');
  const own = files.filter((file) => !/\.(sql|prisma)$/.test(file));
  const inSource = new Set(files);
  const graph = readImportGraph({ root, own, lean: true, enter: (file) => inSource.has(file) });
  const folders = [...modules].sort((a, b) => b.folder.length - a.folder.length);
  const source: Source = {
    ...{ root, modules, graph },
    moduleOf: (file) => folders.find(({ folder }) => file.startsWith(`${folder}/`))?.name ?? SHARED,
  };
  return reportOf(source, files, database);
}

function reportOf(source: Source, files: readonly string[], database: DatabaseFacts | null): Boundaries {
  const { modules, moduleOf } = source;
  const facts = readFiles(source, files);
  const { accesses, unread, schema } = tablesOfSource({ source, files, facts, database });
  const { reached, unreached } = reachTables(source, facts, accesses);
  const direct = accesses.filter(({ file }) => moduleOf(file) !== SHARED);
  const uses = [...direct, ...reached].map((use) => ({
    name: use.table,
    module: moduleOf(use.file),
    access: use.access,
    creates: use.creates,
    isDirect: !('through' in use),
  }));
  const owners = ownersOfTables({ modules, schema, uses, moduleOf });
  const calls = countCalls(database?.statements ?? null);
  const session = [...facts.values()].flatMap((one) => one.session);
  const couplings = findCouplings({
    ...{ source, schema, owners, reached, unreached, session },
    accesses: direct,
    state: stateOf(facts),
    callsOf: calls.ofStatement,
  });
  const lines = linesByModule(source, files);
  const tables: readonly TableReport[] = [...owners].map(([name, { module, rule }]) => ({
    name,
    kind: schema.relations.get(name)?.kind ?? 'table',
    owner: module,
    ownedBy: rule,
    defined: schema.relations.has(name),
    calls: calls.ofTable(name),
  }));
  const environment = [...facts.values()].flatMap((one) => one.variables);
  const endpoints = readEndpoints(source);
  const shared = sharedFilesOfModules(source);
  const reports = modules.map(({ name, folder }): ModuleReport => {
    const isOwn = ({ file }: { readonly file: string }): boolean => moduleOf(file) === name;
    const variables = namesOf(environment.filter(isOwn));
    return {
      ...{ name, folder, variables },
      files: files.filter((file) => moduleOf(file) === name).length,
      lines: lines.get(name) ?? 0,
      endpoints: endpoints.filter(isOwn),
      tables: tables.filter(({ owner }) => owner === name).map((table) => table.name),
      packages: source.graph.packages
        .filter(
          ({ runtime, files: importers }) => runtime && importers.some((file) => moduleOf(file) === name),
        )
        .map((used) => used.name),
      sessionKeys: namesOf(session.filter(isOwn)),
      shares: [...shared]
        .filter(([, users]) => users.has(name))
        .map(([file, users]) => ({ file, with: [...users].filter((user) => user !== name).sort() }))
        .sort((a, b) => (a.file < b.file ? -1 : 1)),
      sharedVariables: variables.filter((variable) =>
        environment.some((read) => read.name === variable && !isOwn(read)),
      ),
      cost: costOfModule(name, couplings),
    };
  });
  return {
    modules: reports,
    tables,
    couplings,
    matrix: {
      modules: cellsOf(
        couplings.map(({ from, to, lines: at }) => ({
          module: from,
          target: to,
          access: null,
          places: Math.max(1, at.length),
        })),
      ),
      tables: cellsOf(
        [...uses, ...unreached.map(({ table, access }) => ({ name: table, module: SHARED, access }))].map(
          ({ module, name, access }) => ({ module, target: name, access, places: 1 }),
        ),
      ),
    },
    order: orderOfLeaving(new Map(modules.map(({ name }) => [name, lines.get(name) ?? 0])), couplings),
    unread: [...unread].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    shared: {
      files: files.filter((file) => moduleOf(file) === SHARED).length,
      lines: lines.get(SHARED) ?? 0,
    },
    statements: database === null ? 'not asked' : database.statements === null ? 'unreadable' : 'counted',
  };
}

function readFiles(source: Source, files: readonly string[]): ReadonlyMap<string, FileFacts> {
  const { root, graph, moduleOf } = source;
  const passedNames = new Set<string>();
  for (const code of graph.sources.values()) {
    for (const name of namesPassedToDatabase(code)) passedNames.add(name);
    forgetNodes(code);
  }
  const context = {
    packages: new Set(graph.packages.map(({ name }) => name)),
    prismaModels: prismaModelsOf(root, files),
    passedNames,
  };
  const targets = targetsOf(graph);
  const others = [...graph.sources.values()];
  const pathOf = (code: SourceFile): string => code.getFilePath().slice(root.length + 1);
  return new Map(
    [...graph.sources].map(([file, code]) => [
      file,
      readFile({
        ...{ file, source: code, context, others, pathOf },
        targets: targets(file),
        isShared: moduleOf(file) === SHARED,
      }),
    ]),
  );
}

function stateOf(facts: ReadonlyMap<string, FileFacts>): readonly StateUse[] {
  const states = new Map([...facts].map(([file, { state }]) => [file, state]));
  const uses = new Map([...facts].map(([file, one]) => [file, one.uses]));
  return [...[...states.values()].flatMap((state) => state.global), ...variableState(states, uses)];
}

const namesOf = (items: readonly { readonly name: string }[]): readonly string[] =>
  [...new Set(items.map(({ name }) => name))].sort();

/** One cell for each pair. Writing counts more than reading. */
function cellsOf(singles: readonly Cell[]): readonly Cell[] {
  const cells = new Map<string, Cell>();
  for (const single of singles) {
    const key = `${single.module}\0${single.target}`;
    const known = cells.get(key);
    cells.set(key, {
      ...single,
      places: single.places + (known?.places ?? 0),
      access: known?.access === 'write' ? 'write' : single.access,
    });
  }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

function linesByModule({ root, moduleOf }: Source, files: readonly string[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const file of files) {
    const count = readFileSync(path.join(root, file), 'utf8').split('\n').length - 1;
    lines.set(moduleOf(file), (lines.get(moduleOf(file)) ?? 0) + count);
  }
  return lines;
}
