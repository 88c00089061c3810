import type { Answers } from './answers.ts';
import type { Addition } from './record.ts';
import type { RenderedFile } from '../packed-base.ts';
import { renderTool } from './render-tool.ts';

/**
 * Renders every file of a tool with its additions. Writes nothing.
 * @throws TemplateError naming file and line of the template; PlatformError when the anchor of an addition is
 * missing
 */
export async function renderScaffold(
  answers: Answers,
  additions: readonly Addition[],
  root: string,
): Promise<RenderedFile[]> {
  const rendered = await renderTool(answers, root);
  if (additions.length === 0) return rendered;
  // Imported lazily: the syntax tree library takes longer to load than a tool to render
  const { replay } = await import('../add/replay.ts');
  return replay({ root, answers, rendered, additions });
}
