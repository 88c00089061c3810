import { storedFile, type StoredFile } from './file-content.ts';
import { EXECUTABLE, KEPT_CONTENTS, type Ports } from './ports.ts';
import type { Change } from '../../contracts/plan.ts';
import type { SharedFacts } from './facts.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import { keepAdded, keepEdits } from './keep-edits.ts';
import type { OrphanedResource, OrphanPorts } from './orphans.ts';
import { parseProvenance, PROVENANCE_FILE, sha256 } from './provenance.ts';
import { shellQuote } from './shell-command.ts';
import type { Operation } from './step.ts';

/** Contents by path below a folder. A type, because an interface does not count as JSON. */
export type FileTree = {
  readonly files: Readonly<Record<string, string>>;
  /** Files that are programs. */
  readonly executable?: readonly string[];
};
export type TreeChange<K extends string> = Change<K, FileTree>;

/** The files that `keep` accepts. */
export function treeOf({ files, executable = [] }: FileTree, keep: (file: string) => boolean): FileTree {
  const programs = executable.filter(keep);
  return {
    files: Object.fromEntries(Object.entries(files).filter(([file]) => keep(file))),
    ...(programs.length === 0 ? {} : { executable: programs }),
  };
}

/** Equal for equal files at equal paths. */
export const checksumOf = ({ files }: FileTree): string =>
  sha256(
    JSON.stringify(
      Object.keys(files)
        .sort()
        .map((file) => [file, sha256(files[file] ?? '')]),
    ),
  );

type TreeOperation<K extends string, F extends SharedFacts> = Operation<TreeChange<K>, F>;

/** Replaces a folder with the files of the change, by one rename. Its undo restores the earlier folder. */
export function createFolder<K extends string, F extends SharedFacts>(
  kind: K,
  own: Pick<TreeOperation<K, F>, 'plan' | 'done'> & { readonly folderOf: (names: ToolNames) => string },
): TreeOperation<K, F> {
  const { folderOf, ...rest } = own;
  return {
    kind,
    undoPhase: 'folders',
    async run(change, ports) {
      await keepContents(change.before, ports);
      await ports.files.writeTree(change.target, change.after);
    },
    async undo(change, ports) {
      await keepEdits(change.target, ports);
      const [before, generated] = [change.before?.files ?? {}, change.after.files];
      await keepAdded(change.target, { before, generated }, ports);
      if (change.before !== null) {
        await ports.files.writeTree(change.target, change.before);
        for (const { kept } of storedIn(change.before, ports)) await ports.files.remove(kept);
      } else await ports.files.removeTree(change.target);
    },
    undone: (change) => (change.before === null ? `Deleted ${change.target}/` : `${change.target}/ restored`),
    wouldUndo: ({ before, target }) => `${before === null ? 'Delete' : 'Restore'} ${target}/`,
    would: (change) => `Would generate at ${change.target}/`,
    removeByHand: (change) => `rm -rf ${change.target}`,
    findOrphans: ({ names }, ports) => orphanedFolder(folderOf(names), ports),
    ...rest,
  };
}

/** Keeps large files that the plan only names, before their folder is replaced. */
async function keepContents(before: FileTree | null, ports: Ports): Promise<void> {
  for (const { stored, kept } of storedIn(before, ports))
    if (!(await ports.files.exists(kept))) await ports.files.copy(stored.path, kept);
}

function storedIn(
  tree: FileTree | null,
  { settings }: Ports,
): readonly { stored: StoredFile; kept: string }[] {
  return Object.values(tree?.files ?? {})
    .map(storedFile)
    .filter((stored) => stored !== null)
    .map((stored) => ({ stored, kept: `${settings.stateDir}/${KEPT_CONTENTS}/${stored.sha256}` }));
}

/** A folder that no export made is its owner's to remove. */
async function orphanedFolder(folder: string, { files }: OrphanPorts): Promise<readonly OrphanedResource[]> {
  if (!(await files.exists(folder))) return [];
  const provenance = parseProvenance((await files.readText(`${folder}/${PROVENANCE_FILE}`)) ?? '');
  const command = `rm -r ${shellQuote(folder)}`;
  return provenance === null
    ? [{ name: `folder ${folder}: it has no ${PROVENANCE_FILE} of an export`, command, remove: null }]
    : [{ name: `folder ${folder}, made by an export`, command, remove: () => files.removeTree(folder) }];
}

/** Adds files to an existing folder. Its undo is safe when the folder no longer exists. */
export function addFiles<K extends string, F extends SharedFacts>(
  kind: K,
  own: Pick<TreeOperation<K, F>, 'plan' | 'done' | 'would'>,
): TreeOperation<K, F> {
  return {
    kind,
    undoPhase: 'folders',
    async run(change, ports) {
      const { files, executable = [] } = change.after;
      for (const [file, content] of Object.entries(files))
        await ports.files.writeText(
          `${change.target}/${file}`,
          content,
          executable.includes(file) ? { mode: EXECUTABLE } : {},
        );
    },
    async undo(change, ports) {
      await keepEdits(change.target, ports);
      for (const file of Object.keys(change.after.files))
        await ports.files.remove(`${change.target}/${file}`);
    },
    undone: () => '',
    wouldUndo: () => '',
    ...own,
  };
}
