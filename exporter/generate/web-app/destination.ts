import type { ToolNames } from '../../../contracts/naming.ts';

/**
 * Path of a repository file in the web app (below `apps/<id>-web/`). The tool's folders keep their relative places,
 * and shared code keeps the place that its alias names, so that imports still resolve.
 */
export function webPath(file: string, names: ToolNames): string {
  const below = (folder: string): string | null =>
    file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : null;
  const frontend = below(`${names.toolFolder}/frontend`);
  if (frontend !== null) return `src/app/${frontend}`;
  const tool = below(names.toolFolder);
  if (tool !== null) return `src/${tool}`;
  return /^(?:contracts|shared)\//.test(file) ? `src/${file}` : `src/carried/${file}`;
}

/** Path aliases in the web app's package.json, with the same meaning as in the repository. */
export function aliasesFor(names: ToolNames): Readonly<Record<string, string>> {
  const tool = `#${names.toolFolder}`;
  return {
    '#contracts/*': './src/contracts/*.ts',
    '#shared/*': './src/shared/*.ts',
    [`${tool}/frontend/*`]: './src/app/*',
    [`${tool}/*`]: './src/*',
  };
}

/** Whether an alias resolves to the same file in the web app. */
export const aliasHolds = (specifier: string, names: ToolNames): boolean =>
  /^#(?:contracts|shared)\/[^.]+$/.test(specifier) || specifier.startsWith(`#${names.toolFolder}/`);
