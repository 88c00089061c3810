import type { RenderedFile } from '../packed-base.ts';
import { readText, type FileChange } from '../write/journal.ts';
import { withLf, withLineEndsOf } from '../write/line-ends.ts';
import { mergeFile, type MergedFile, type Outcome } from './merge-file.ts';
import { mergePackage } from './merge-package.ts';

export interface FileUpdate {
  /** Below the repository. */
  readonly path: string;
  readonly outcome: Outcome;
  /** Values that both sides changed, where they cannot be marked in the file. */
  readonly kept?: MergedFile['kept'];
}

/** The update of a scaffold to the current templates. */
export interface ScaffoldUpdate {
  /** `null` for the workspace's own files. */
  readonly toolId: string | null;
  /** Whether the rendered text of any template has changed for this scaffold. */
  readonly behind: boolean;
  /** Files that change or conflict. */
  readonly files: readonly FileUpdate[];
  readonly changes: readonly FileChange[];
}

/** A scaffold in its three versions: as recorded, as on disk, as the current templates render it. */
export interface MergeRequest {
  readonly root: string;
  /** Of the scaffold, below the root, with `/` at its end; empty for the root itself. */
  readonly folder: string;
  readonly base: readonly RenderedFile[];
  readonly rendered: readonly RenderedFile[];
  /** File of the scaffold whose line ends new files take. */
  readonly model: string;
  /** Files that never change again, once they exist. */
  readonly isHistory: (file: string) => boolean;
}

/** Plans the three-way merge of every file of a scaffold. Reads only. */
export function planMerge(request: MergeRequest): Omit<ScaffoldUpdate, 'toolId'> {
  const { root, folder, base, rendered, isHistory } = request;
  const model = readText(root, `${folder}${request.model}`);
  const files: FileUpdate[] = [];
  const changes: FileChange[] = [];
  let behind = false;
  for (const file of new Set([...base, ...rendered].map(({ path }) => path))) {
    const path = `${folder}${file}`;
    const before = readText(root, path);
    const user = before === null ? null : withLf(before);
    const versions = { base: textOf(base, file), user, template: textOf(rendered, file) };
    if (versions.base !== null && isHistory(file)) continue;
    behind ||= versions.base !== versions.template;
    const merge = file === 'package.json' ? mergePackage : mergeFile;
    const { outcome, text, kept } = merge(versions);
    if (outcome !== 'unchanged') files.push({ path, outcome, ...(kept === undefined ? {} : { kept }) });
    const after = text === null ? null : withLineEndsOf(before, text, { model });
    if (text !== user) changes.push({ path, before, after });
  }
  return { behind, files, changes };
}

const textOf = (files: readonly RenderedFile[], path: string): string | null =>
  files.find((file) => file.path === path)?.content ?? null;
