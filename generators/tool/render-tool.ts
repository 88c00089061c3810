import { formatSource } from '../../templating/format.ts';
import { loadTemplate, render, TemplateError } from '../../templating/render.ts';
import type { RenderedFile } from '../packed-base.ts';
import type { Answers } from './answers.ts';
import { filesOf, type PlannedFile } from './files.ts';
import { toolModel, type ToolModel } from './model.ts';

/**
 * Renders every file of a tool. Writes nothing and is deterministic.
 * @throws TemplateError naming file and line of the template
 */
export async function renderTool(answers: Answers, root: string): Promise<RenderedFile[]> {
  const model = toolModel(answers);
  const main = answers.resources[0]?.name;
  return Promise.all(filesOf(model).map((file) => renderFile({ file, model, main, root })));
}

async function renderFile(input: {
  file: PlannedFile;
  model: ToolModel;
  main: string | undefined;
  root: string;
}): Promise<RenderedFile> {
  const { file, model, main, root } = input;
  const { template, path, resource } = file;
  const data = {
    tool: model,
    // In the order of the answers; `tool.resources` is sorted parents first.
    main: model.resources.find((r) => r.kebab === main) ?? model.resources[0],
    ...(resource === null ? {} : { r: resource }),
  };
  const text = render(template, data, { root });
  try {
    return { path, content: await formatSource(text, `tools/${model.id}/${path}`, root) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const { file: found } = loadTemplate(template, root);
    throw new TemplateError(found, 1, `the rendered file does not parse: ${reason}`, {
      cause: error,
    });
  }
}
