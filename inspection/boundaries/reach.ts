import type { ImportedUse } from './bindings.ts';
import { ON_IMPORT } from './declarations.ts';
import type { FileFacts } from './read-file.ts';
import type { FoundAccess } from './tables/reader.ts';
import { SHARED, type Source, type TableAccess } from './types.ts';

/** A table that a module uses through shared code; the place is the module's own. */
export interface ReachedAccess extends TableAccess {
  readonly through: FoundAccess;
}

export interface Reach {
  readonly reached: readonly ReachedAccess[];
  /** Accesses of shared code that no module calls. */
  readonly unreached: readonly FoundAccess[];
}

/**
 * Follows the modules' calls into shared code, declaration by declaration, to the tables that the called code uses.
 */
export function reachTables(
  { moduleOf }: Source,
  facts: ReadonlyMap<string, FileFacts>,
  accesses: readonly FoundAccess[],
): Reach {
  const isShared = (file: string): boolean => moduleOf(file) === SHARED;
  const shared = Map.groupBy(
    accesses.filter(({ file }) => isShared(file)),
    ({ file }) => file,
  );
  const parts = new Map<string, Parts>();
  const tablesFrom = createSearch(isShared, (file) => {
    const known = parts.get(file) ?? partsOf(facts.get(file), shared.get(file) ?? []);
    parts.set(file, known);
    return known;
  });
  const seen = new Set<FoundAccess>();
  const reached: ReachedAccess[] = [];
  for (const [file, { uses }] of facts) {
    if (isShared(file) || shared.size === 0) continue;
    for (const use of uses.filter((one) => isShared(one.file)))
      for (const through of tablesFrom(use)) {
        seen.add(through);
        const { table, access, creates, sql } = through;
        reached.push({ file, line: use.line, table, access, creates, sql, through });
      }
  }
  return { reached, unreached: [...shared.values()].flat().filter((access) => !seen.has(access)) };
}

/** A declaration of a shared file. */
interface Part {
  readonly accesses: FoundAccess[];
  /** Declarations of the same file that it mentions. */
  readonly mentions: Set<string>;
  readonly uses: ImportedUse[];
  /** A member of the object that the file exports as its default. */
  exported: boolean;
}
type Parts = ReadonlyMap<string, Part>;

function partsOf(facts: FileFacts | undefined, accesses: readonly FoundAccess[]): Parts {
  const parts = new Map<string, Part>();
  const partOf = (name: string): Part => {
    const known = parts.get(name) ?? { accesses: [], mentions: new Set(), uses: [], exported: false };
    parts.set(name, known);
    return known;
  };
  if (facts === undefined || facts.outline === null) return parts;
  const { declared, members, mentions } = facts.outline;
  for (const name of declared) partOf(name);
  for (const name of members) partOf(name).exported = true;
  for (const access of accesses) for (const name of access.within) partOf(name).accesses.push(access);
  for (const use of facts.uses) for (const name of use.within) partOf(name).uses.push(use);
  for (const { name, within } of mentions)
    for (const around of within) if (around !== name) partOf(around).mentions.add(name);
  return parts;
}

/** The accesses that a use of a shared file leads to, through other shared files as well. */
function createSearch(
  isShared: (file: string) => boolean,
  partsIn: (file: string) => Parts,
): (use: Pick<ImportedUse, 'file' | 'name'>) => ReadonlySet<FoundAccess> {
  const known = new Map<string, ReadonlySet<FoundAccess>>();
  return ({ file, name }) => {
    const key = `${file}\0${name}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = new Set<FoundAccess>();
    const seen = new Set<string>();
    const queue = [
      { file, name },
      { file, name: ON_IMPORT },
    ];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const at = `${next.file}\0${next.name}`;
      if (seen.has(at) || !isShared(next.file)) continue;
      seen.add(at);
      for (const part of partsNamed(partsIn(next.file), next.name)) {
        for (const access of part.accesses) found.add(access);
        for (const mention of part.mentions) queue.push({ file: next.file, name: mention });
        queue.push(...part.uses);
      }
    }
    known.set(key, found);
    return found;
  };
}

function partsNamed(parts: Parts, name: string): readonly Part[] {
  if (name === '*') return [...parts.values()];
  if (name === 'default')
    return [...parts].flatMap(([key, part]) => (key === name || part.exported ? [part] : []));
  const part = parts.get(name);
  if (part !== undefined) return [part];
  if (name === ON_IMPORT) return [];
  // a member of a default export that is no object literal, or a name that a star export passes on
  const main = parts.get('default');
  return main === undefined ? [...parts.values()] : [main];
}
