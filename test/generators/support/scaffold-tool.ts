import type { PartialAnswers } from '../../../generators/tool/answers.ts';
import { answersOrRefusal } from '../../../generators/tool/ask.ts';
import { planScaffold, refuseConflicts } from '../../../generators/tool/scaffold.ts';
import { recoverWrites, writeAll } from '../../../generators/write/journal.ts';

/** Scaffolds a tool as `create-tool` does, without a process or Yeoman. Returns the paths that it wrote. */
export async function scaffoldTool(root: string, answers: PartialAnswers): Promise<readonly string[]> {
  recoverWrites(root);
  const scaffold = await planScaffold(answersOrRefusal(answers, { suggest: true }), root, { force: false });
  refuseConflicts(scaffold);
  writeAll(root, scaffold.files);
  return scaffold.files.filter(({ before, after }) => before !== after).map(({ path }) => path);
}
