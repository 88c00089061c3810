import { RECORD_FILE, type RenderedFile } from '../packed-base.ts';
import { parseAnswers } from '../tool/answers.ts';
import { readRecord, recordText, templateVersion, type ScaffoldRecord } from '../tool/record.ts';
import { renderScaffold } from '../tool/render-scaffold.ts';
import { readText } from '../write/journal.ts';
import { withLineEndsOf } from '../write/line-ends.ts';
import { planMerge, type ScaffoldUpdate } from './plan-merge.ts';

/**
 * Plans the update of a tool to the current templates. Reads only.
 * @returns `null` for a tool that was not scaffolded
 */
export async function planUpdate(root: string, toolId: string): Promise<ScaffoldUpdate | null> {
  const record = readRecord(root, toolId);
  if (record === null) return null;
  const answers = parseAnswers({ ...record.answers });
  const { additions } = record;
  const rendered = await renderScaffold(answers, additions, root);
  const folder = `tools/${toolId}/`;
  const { base } = record;
  const { behind, files, changes } = planMerge({
    root,
    folder,
    base,
    rendered,
    model: 'manifest.json',
    isHistory,
  });
  const next = { template: templateVersion(root), answers, additions, base: newBase(record, rendered) };
  const path = `${folder}${RECORD_FILE}`;
  const before = readText(root, path);
  const after = withLineEndsOf(before, await recordText(next, root));
  return {
    toolId,
    behind,
    files,
    changes: [...changes, { path, before, after }].filter((c) => c.before !== c.after),
  };
}

/** An applied migration or seed must not change: a change needs a new one, by hand. */
const isHistory = (file: string): boolean => file.startsWith('database/');

function newBase(record: ScaffoldRecord, rendered: readonly RenderedFile[]): RenderedFile[] {
  const history = record.base.filter((file) => isHistory(file.path));
  const added = rendered.filter((file) => !history.some((old) => old.path === file.path));
  return [...added, ...history];
}
