import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileTemplate, TemplateError, templateFolder } from './render.ts';

type Folder = Parameters<typeof templateFolder>[1];

/** Every template of the package or every override of the workspace, sorted, with `/` between names. */
export function templatesBelow(root: string, folder: Folder): string[] {
  const base = templateFolder(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ejs'))
    .map((entry) => path.relative(base, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** What is wrong with templates and overrides before any data is given to them; each line names file and line. */
export function syntaxProblems(root: string): string[] {
  const known = new Set(templatesBelow(root, 'templates'));
  return (['templates', 'templates.local'] as const).flatMap((folder) =>
    templatesBelow(root, folder).flatMap((template) => {
      const file = `${folder}/${template}`;
      const problem = syntaxProblem(path.join(templateFolder(root, folder), template), file);
      const stray = known.has(template)
        ? []
        : [`${file}:1: overrides nothing, because there is no templates/${template}`];
      return problem === null ? stray : [problem, ...stray];
    }),
  );
}

function syntaxProblem(absolute: string, file: string): string | null {
  try {
    compileTemplate(readFileSync(absolute, 'utf8'), file, []);
    return null;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}
