import { problemIn } from '../../templating/parse-text.ts';
import { TemplateError } from '../../templating/render.ts';
import { packageOf } from '../../templating/roots.ts';
import { workspaceFiles } from './files.ts';
import type { RecordedAnswers } from './model.ts';
import { renderWorkspace, sourceOf } from './render-workspace.ts';

/** The shortest answers, and hostile ones with an archive in the workspace. */
const SAMPLES: readonly RecordedAnswers[] = [
  { name: 'x', package: '^0.1.0' },
  {
    name: '"O\'Neil" `${x}` <%= y %> */ --> {{ z }} \\ # $(id) 名前',
    package: 'file:vendor/platform-1.0.0.tgz',
  },
];

/** Renders every file of a workspace with the samples and parses it. Returns one line per problem. */
export async function checkWorkspaceTemplates(root: string): Promise<readonly string[]> {
  const problems: string[] = [];
  const sources = new Map(workspaceFiles(packageOf(root)).map((file) => [file.destination, file.source]));
  for (const sample of SAMPLES)
    try {
      for (const { path, content } of await renderWorkspace(sample, root)) {
        const problem = await problemIn(path, content);
        if (problem === null) continue;
        const source = sourceOf(sources.get(path) ?? null, root);
        problems.push(`${source}:1: renders ${path} of a workspace wrong: ${problem}`);
      }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push(error.message);
    }
  return problems;
}
