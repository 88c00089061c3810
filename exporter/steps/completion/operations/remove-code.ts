import { PlatformError } from '../../../../contracts/errors.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Ports } from '../../../core/ports.ts';
import { noUndo, type Completion } from '../completion.ts';

export type RemoveCode = Change<'remove-code', null>;

/** Removes the tool's folder, of which git has every file. The platform lists tools by their folders. */
export const removeCode: Completion<RemoveCode> = {
  kind: 'remove-code',
  title: "Removing the tool's code",
  undoPhase: 'folders',
  plan({ removeCode: wanted, codeThere, names }) {
    if (!wanted || !codeThere) return [];
    return [
      { step: 'infrastructure', kind: 'remove-code', target: names.toolFolder, before: null, after: null },
    ];
  },
  async run({ target }, ports) {
    const problem = await whyNotRemoved(target, ports);
    if (problem !== null) throw problem;
    await ports.files.removeTree(target);
  },
  undo: noUndo,
  done: ({ target }) => `${target} removed: commit that`,
  undone: () => '',
  wouldUndo: () => '',
  would: ({ target }) => `Would remove ${target}`,
};

/** Files that would be lost: changed, untracked or ignored ones. `null` when git has all of them. */
export async function whyNotRemoved(
  folder: string,
  { git, files }: Pick<Ports, 'git'> & { readonly files: Pick<Ports['files'], 'exists' | 'ignored'> },
): Promise<PlatformError | null> {
  const { commit, dirty } = await git.state();
  if (commit === null)
    return new PlatformError(
      'git-missing',
      `${folder} is in no git commit: it would be lost. Commit it first.`,
    );
  const below = (file: string): boolean => file.startsWith(`${folder}/`) || `${folder}/`.startsWith(file);
  const lost: string[] = [];
  for (const file of [...dirty, ...(await files.ignored())].filter(below))
    // a killed run may have removed files already
    if (await files.exists(file)) lost.push(file);
  if (lost.length === 0) return null;
  return new PlatformError(
    'git-dirty',
    `${folder} has files that are not committed: ${lost.join(', ')}. Commit or remove them, or leave --remove-code out.`,
  );
}
