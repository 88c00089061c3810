import type { Change } from '../../contracts/plan.ts';
import { keepAdded, keepEdits } from './keep-edits.ts';
import type { Operation } from './step.ts';

/** Contents by path below a folder. A type, because an interface does not count as JSON. */
export type FileTree = { readonly files: Readonly<Record<string, string>> };
export type TreeChange<K extends string> = Change<K, FileTree>;

/** The files for which `keep` says yes. */
export const treeOf = (
  files: Readonly<Record<string, string>>,
  keep: (file: string) => boolean,
): FileTree => ({
  files: Object.fromEntries(Object.entries(files).filter(([file]) => keep(file))),
});

/** Makes a folder hold exactly the files of the change, by one rename; its undo brings back what was there before. */
export function createFolder<K extends string>(
  kind: K,
  words: Pick<Operation<TreeChange<K>>, 'done'>,
): Operation<TreeChange<K>> {
  return {
    kind,
    undoPhase: 'folders',
    async run(change, ports) {
      if (change.after !== null) await ports.files.writeTree(change.target, change.after.files);
    },
    async undo(change, ports) {
      await keepEdits(change.target, ports);
      const [before, generated] = [change.before?.files ?? {}, change.after?.files ?? {}];
      await keepAdded(change.target, { before, generated }, ports);
      if (change.before !== null) await ports.files.writeTree(change.target, change.before.files);
      else await ports.files.removeTree(change.target);
    },
    undone: (change) => (change.before === null ? `Deleted ${change.target}/` : `${change.target}/ restored`),
    would: (change) => `Would generate at ${change.target}/`,
    debris: (change) => `rm -rf ${change.target}`,
    ...words,
  };
}

/** Adds files to a folder that is there already. Its undo is safe when the folder is gone. */
export function addFiles<K extends string>(
  kind: K,
  words: Pick<Operation<TreeChange<K>>, 'done' | 'would'>,
): Operation<TreeChange<K>> {
  return {
    kind,
    undoPhase: 'folders',
    async run(change, ports) {
      for (const [file, content] of Object.entries(change.after?.files ?? {}))
        await ports.files.writeText(`${change.target}/${file}`, content);
    },
    async undo(change, ports) {
      await keepEdits(change.target, ports);
      for (const file of Object.keys(change.after?.files ?? {}))
        await ports.files.remove(`${change.target}/${file}`);
    },
    undone: () => '',
    ...words,
  };
}
