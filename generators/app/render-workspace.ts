import { readFileSync } from 'node:fs';
import path from 'node:path';
import { formatAs } from '../../templating/format.ts';
import { loadTemplate, render, TemplateError } from '../../templating/render.ts';
import { packageOf } from '../../templating/roots.ts';
import type { RenderedFile } from '../packed-base.ts';
import { composeFileOf } from './compose-file.ts';
import { COMPOSE_FILE, workspaceFiles, type WorkspaceFile } from './files.ts';
import { workspaceModel, type RecordedAnswers, type WorkspaceModel } from './model.ts';
import { readPlatformPackage } from './packages.ts';

const FORMATTER = 'workspace/prettierrc.json';

/**
 * Renders every file of a workspace. Writes nothing and is deterministic.
 *
 * @param root the workspace, whose overrides of templates count; it may not exist yet
 * @throws TemplateError naming file and line of the template
 */
export async function renderWorkspace(answers: RecordedAnswers, root: string): Promise<RenderedFile[]> {
  const platform = packageOf(root);
  const workspace = workspaceModel(answers, readPlatformPackage(platform));
  const format = formatterOf(root);
  return Promise.all(
    workspaceFiles(platform).map(async ({ destination, source }) => {
      const text = textOf({ destination, source }, { platform, root, workspace });
      try {
        return { path: destination, content: await format(text, destination) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const file = sourceOf(source, root);
        throw new TemplateError(file, 1, `the rendered file does not parse: ${reason}`, { cause: error });
      }
    }),
  );
}

/** By the formatter's settings that the workspace starts with; its team may change its own. */
function formatterOf(root: string): (text: string, file: string) => Promise<string> {
  const settings = JSON.parse(loadTemplate(FORMATTER, root).text) as Readonly<Record<string, unknown>>;
  return (text, file) => formatAs(text, file, settings);
}

function textOf(
  { destination, source }: WorkspaceFile,
  context: { readonly platform: string; readonly root: string; readonly workspace: WorkspaceModel },
): string {
  const { platform, root, workspace } = context;
  if (source === null) return '';
  if ('template' in source) {
    const rendered = source.template.endsWith('.ejs');
    return rendered
      ? render(source.template, { workspace }, { root })
      : loadTemplate(source.template, root).text;
  }
  const text = readFileSync(path.join(platform, source.package), 'utf8');
  return destination === COMPOSE_FILE ? composeFileOf(text, `${workspace.packageName}:local`) : text;
}

/** The file to correct when a rendered file is wrong. */
export function sourceOf(source: WorkspaceFile['source'], root: string): string {
  if (source === null) return '';
  return 'template' in source ? loadTemplate(source.template, root).file : source.package;
}
