import { packageOf } from '../../templating/roots.ts';
import { parseAnswers } from '../app/answers.ts';
import { readPlatformPackage } from '../app/packages.ts';
import { readRecord, recordText } from '../app/record.ts';
import { renderWorkspace } from '../app/render-workspace.ts';
import { RECORD_FILE } from '../packed-base.ts';
import { readText } from '../write/journal.ts';
import { withLineEndsOf } from '../write/line-ends.ts';
import { planMerge, type ScaffoldUpdate } from './plan-merge.ts';

/**
 * Plans the update of a workspace's own files to the templates of the installed platform. Reads only.
 * @returns `null` where the files were not generated, as in the platform's own repository
 */
export async function planWorkspaceUpdate(root: string): Promise<ScaffoldUpdate | null> {
  const record = readRecord(root);
  if (record === null) return null;
  const answers = parseAnswers({ ...record.answers }, readPlatformPackage(packageOf(root)));
  const rendered = await renderWorkspace(answers, root);
  const { base } = record;
  const place = { root, folder: '', model: 'package.json', isHistory: () => false };
  const { behind, files, changes } = planMerge({ ...place, base, rendered });
  const before = readText(root, RECORD_FILE);
  const after = withLineEndsOf(before, await recordText({ answers, base: rendered }));
  return {
    toolId: null,
    behind,
    files,
    changes: [...changes, { path: RECORD_FILE, before, after }].filter((c) => c.before !== c.after),
  };
}
