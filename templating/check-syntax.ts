import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileTemplate, TemplateError } from './render.ts';

/** Every template below a folder of the repository, sorted, with `/` between names. */
export function templatesBelow(root: string, folder: string): string[] {
  const base = path.join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ejs'))
    .map((entry) => path.relative(base, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** What is wrong with templates and overrides before any data is given to them; each line names file and line. */
export function syntaxProblems(root: string): string[] {
  const known = new Set(templatesBelow(root, 'templates'));
  return ['templates', 'templates.local'].flatMap((folder) =>
    templatesBelow(root, folder).flatMap((template) => {
      const file = `${folder}/${template}`;
      const problem = syntaxProblem(root, file);
      const stray = known.has(template)
        ? []
        : [`${file}:1: overrides nothing, because there is no templates/${template}`];
      return problem === null ? stray : [problem, ...stray];
    }),
  );
}

function syntaxProblem(root: string, file: string): string | null {
  try {
    compileTemplate(readFileSync(path.join(root, file), 'utf8'), file, []);
    return null;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}
