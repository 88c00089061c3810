import { ownerOfState, type Owner, type Use } from './owners.ts';
import type { ReachedAccess } from './reach.ts';
import type { SessionUse } from './session.ts';
import type { StateUse } from './state.ts';
import {
  SHARED,
  type Access,
  type Coupling,
  type Place,
  type Schema,
  type Source,
  type TableAccess,
} from './types.ts';

export interface CouplingRequest {
  readonly source: Source;
  readonly schema: Schema;
  readonly owners: ReadonlyMap<string, Owner>;
  /** Of files in modules. */
  readonly accesses: readonly TableAccess[];
  readonly reached: readonly ReachedAccess[];
  /** Of shared code that no module calls, such as jobs. */
  readonly unreached: readonly TableAccess[];
  readonly session: readonly SessionUse[];
  readonly state: readonly StateUse[];
  /** Calls of a statement; `null` when they are not known. */
  readonly callsOf: (sql: string) => number | null;
}

/** A coupling at one place. */
type Single = Omit<Coupling, 'lines' | 'calls'> & {
  readonly line: number | null;
  readonly sql: string | null;
};

/** Everything that ties one module to another, one entry a file, sorted. */
export function findCouplings(request: CouplingRequest): readonly Coupling[] {
  const singles = [
    ...importsBetween(request.source),
    ...tablesOfOthers(request),
    ...linksBetween(request),
    ...sessionOfOthers(request),
    ...stateOfOthers(request),
  ].filter(({ from, to }) => from !== to);
  const groups = Map.groupBy(singles, ({ kind, from, to, name, file, through }) =>
    JSON.stringify([kind, from, to, name, file, through?.file]),
  );
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => joined(group, request));
}

function joined(group: readonly Single[], { callsOf }: CouplingRequest): readonly Coupling[] {
  const [first] = group;
  if (first === undefined) return [];
  const { kind, from, to, name, file } = first;
  const lines = [...new Set(group.flatMap(({ line }) => line ?? []))].sort((a, b) => a - b);
  const access = group.some((one) => one.access === 'write') ? 'write' : first.access;
  const statements = new Set(group.flatMap(({ sql }) => sql ?? []));
  const calls = [...statements].map(callsOf).filter((count) => count !== null);
  const through = group.find((one) => one.through !== null)?.through ?? null;
  return [
    {
      ...{ kind, from, to, name, access, file, lines, through },
      calls: calls.length === 0 ? null : calls.reduce((a, b) => a + b, 0),
    },
  ];
}

/** Imports at run time, of modules and of shared code that modules use. */
function importsBetween({ graph, moduleOf }: Source): readonly Single[] {
  const used = sharedFilesOfModules({ graph, moduleOf });
  return graph.edges.flatMap(({ file, line, kind, target }) => {
    if (kind === 'type' || target.kind !== 'file') return [];
    const from = moduleOf(file);
    const to = moduleOf(target.path);
    if (to === SHARED || (from === SHARED && !used.has(file))) return [];
    return [
      { kind: 'import', from, to, name: target.path, access: null, file, line, through: null, sql: null },
    ];
  });
}

/** Shared files that modules import, themselves or through other shared files. */
export function sharedFilesOfModules({
  graph,
  moduleOf,
}: Pick<Source, 'graph' | 'moduleOf'>): ReadonlyMap<string, ReadonlySet<string>> {
  const imports = Map.groupBy(
    graph.edges.filter(({ kind, target }) => kind !== 'type' && target.kind === 'file'),
    ({ file }) => file,
  );
  const users = new Map<string, Set<string>>();
  const visit = (file: string, module: string): void => {
    for (const { target } of imports.get(file) ?? []) {
      if (target.kind !== 'file' || moduleOf(target.path) !== SHARED) continue;
      const known = users.get(target.path) ?? new Set();
      users.set(target.path, known);
      if (known.has(module)) continue;
      known.add(module);
      visit(target.path, module);
    }
  };
  for (const file of graph.sources.keys()) if (moduleOf(file) !== SHARED) visit(file, moduleOf(file));
  return users;
}

function tablesOfOthers({
  source,
  owners,
  accesses,
  reached,
  unreached,
}: CouplingRequest): readonly Single[] {
  const ownerOf = (table: string): string => owners.get(table)?.module ?? SHARED;
  const single = (use: TableAccess, through: Place | null): Single => ({
    kind: 'table',
    from: source.moduleOf(use.file),
    to: ownerOf(use.table),
    name: use.table,
    access: use.access,
    file: use.file,
    line: use.line,
    through,
    sql: use.sql,
  });
  return [
    ...[...accesses, ...unreached].map((use) => single(use, null)),
    ...reached.map((use) => single(use, { file: use.through.file, line: use.through.line })),
  ];
}

function linksBetween({ schema, owners }: CouplingRequest): readonly Single[] {
  return schema.links.map(({ kind, name, from, to, access, place }) => ({
    kind,
    from: owners.get(from)?.module ?? SHARED,
    to: owners.get(to)?.module ?? SHARED,
    name: kind === 'trigger' ? `${name} on ${from} -> ${to}` : `${name} -> ${to}`,
    access: kind === 'foreign-key' ? null : access,
    file: place?.file ?? null,
    line: place?.line ?? null,
    through: null,
    sql: null,
  }));
}

const usesBy = (
  uses: readonly { readonly name: string; readonly file: string; readonly access: Access }[],
  { moduleOf }: Source,
): readonly Use[] =>
  uses.map(({ name, file, access }) => ({
    name,
    module: moduleOf(file),
    access,
    creates: false,
    isDirect: true,
  }));

function sessionOfOthers({ source, session }: CouplingRequest): readonly Single[] {
  const all = usesBy(session, source);
  const owners = groupedOwners(all);
  return stateUses('session', source, session, ({ name }) => owners.get(name) ?? SHARED);
}

function stateOfOthers({ source, state }: CouplingRequest): readonly Single[] {
  const owners = groupedOwners(usesBy(state, source));
  return stateUses('state', source, state, ({ name, definedIn }) =>
    definedIn === null ? (owners.get(name) ?? SHARED) : source.moduleOf(definedIn),
  );
}

const groupedOwners = (all: readonly Use[]): ReadonlyMap<string, string> =>
  new Map([...Map.groupBy(all, ({ name }) => name)].map(([name, uses]) => [name, ownerOfState(uses, all)]));

/** Shared code serves every module, so its own uses are no couplings. */
function stateUses<U extends Place & { readonly name: string; readonly access: Access }>(
  kind: 'session' | 'state',
  { moduleOf }: Source,
  uses: readonly U[],
  ownerOf: (use: U) => string,
): readonly Single[] {
  return uses
    .map((use) => ({
      ...{ kind, name: use.name, access: use.access, file: use.file, line: use.line },
      ...{ from: moduleOf(use.file), to: ownerOf(use), through: null, sql: null },
    }))
    .filter(({ from }) => from !== SHARED);
}
