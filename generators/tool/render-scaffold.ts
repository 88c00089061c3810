import type { Answers } from './answers.ts';
import type { Addition } from './record.ts';
import { renderTool, type RenderedFile } from './render-tool.ts';

/**
 * The text of every file of a tool, with what was added to it since. Writes nothing.
 * @throws TemplateError naming the template's file and line; PlatformError when an addition has no place any more
 */
export async function renderScaffold(
  answers: Answers,
  additions: readonly Addition[],
  root: string,
): Promise<RenderedFile[]> {
  const rendered = await renderTool(answers, root);
  if (additions.length === 0) return rendered;
  // Only now: what reads and edits syntax trees takes longer to load than a tool to make
  const { replay } = await import('../add/replay.ts');
  return replay({ root, answers, rendered, additions });
}
