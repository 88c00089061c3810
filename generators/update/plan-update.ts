import { readText, type FileChange } from '../write/journal.ts';
import { withLf, withLineEndsOf } from '../write/line-ends.ts';
import { readRecord, recordText, templateVersion, type ScaffoldRecord } from '../tool/record.ts';
import { parseAnswers } from '../tool/answers.ts';
import { renderScaffold } from '../tool/render-scaffold.ts';
import { RECORD_FILE, type RenderedFile } from '../packed-base.ts';
import { mergeFile, type Outcome } from './merge-file.ts';

export interface FileUpdate {
  /** Below the repository. */
  readonly path: string;
  readonly outcome: Outcome;
}

export interface ToolUpdate {
  readonly toolId: string;
  /** Whether the rendered text of any template has changed for this tool. */
  readonly behind: boolean;
  /** Files that change or conflict. */
  readonly files: readonly FileUpdate[];
  readonly changes: readonly FileChange[];
}

/**
 * Plans the update of a tool to the current templates. Reads only.
 * @returns `null` for a tool that was not scaffolded
 */
export async function planUpdate(root: string, toolId: string): Promise<ToolUpdate | null> {
  const record = readRecord(root, toolId);
  if (record === null) return null;
  const answers = parseAnswers({ ...record.answers });
  const { additions } = record;
  const rendered = await renderScaffold(answers, additions, root);
  const model = readText(root, `tools/${toolId}/manifest.json`);
  const files: FileUpdate[] = [];
  const changes: FileChange[] = [];
  for (const file of pathsOf(record, rendered)) {
    const path = `tools/${toolId}/${file}`;
    const before = readText(root, path);
    const user = before === null ? null : withLf(before);
    const versions = { base: textOf(record.base, file), user, template: textOf(rendered, file) };
    if (versions.base !== null && isHistory(file)) continue;
    const { outcome, text } = mergeFile(versions);
    if (outcome !== 'unchanged') files.push({ path, outcome });
    const after = text === null ? null : withLineEndsOf(before, text, { model });
    if (text !== user) changes.push({ path, before, after });
  }
  const behind = pathsOf(record, rendered).some(
    (file) =>
      textOf(record.base, file) !== textOf(rendered, file) &&
      !(isHistory(file) && textOf(record.base, file) !== null),
  );
  const base = newBase(record, rendered);
  const next = { template: templateVersion(root), answers, additions, base };
  const path = `tools/${toolId}/${RECORD_FILE}`;
  const before = readText(root, path);
  changes.push({ path, before, after: withLineEndsOf(before, await recordText(next, root)) });
  return { toolId, behind, files, changes: changes.filter((change) => change.before !== change.after) };
}

/** An applied migration or seed must not change: a change needs a new one, by hand. */
const isHistory = (file: string): boolean => file.startsWith('database/');

function newBase(record: ScaffoldRecord, rendered: readonly RenderedFile[]): RenderedFile[] {
  const history = record.base.filter((file) => isHistory(file.path));
  const added = rendered.filter((file) => !history.some((old) => old.path === file.path));
  return [...added, ...history];
}

const pathsOf = (record: ScaffoldRecord, rendered: readonly RenderedFile[]): string[] => [
  ...new Set([...record.base, ...rendered].map((file) => file.path)),
];

const textOf = (files: readonly RenderedFile[], path: string): string | null =>
  files.find((file) => file.path === path)?.content ?? null;
