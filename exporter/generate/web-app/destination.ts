import type { ToolNames } from '../../../contracts/naming.ts';
import { meet } from '../meet.ts';

/** Where the files of a tool lie in its web app. Folders end with `/`. */
export interface WebLayout {
  /** Of the repository, such as `tools/crm`. */
  readonly toolFolder: string;
  /** Place of the tool's `frontend/`. */
  readonly frontend: string;
  /** Place of the tool's other folders. */
  readonly rest: string;
}

/** Folders of the web app in which no file of a tool lies. */
const NOT_OF_TOOLS = ['src/host', 'src/carried', 'src/contracts', 'src/shared', 'src/environments'];

/**
 * The tool's `frontend/` becomes `src/app/`. Where one of the tool's files would meet a file of the app around it, the whole
 * tool keeps its tree below `src/tool/` instead, so that no file name is forbidden.
 *
 * @param own files of the tool that are carried, relative to the repository
 * @param hostFiles paths of the generated files
 */
export function webLayoutOf(
  { toolFolder }: ToolNames,
  own: readonly string[],
  hostFiles: readonly string[],
): WebLayout {
  const layout = { toolFolder, frontend: 'src/app/', rest: 'src/' };
  const taken = [...NOT_OF_TOOLS, ...hostFiles];
  const collides = own
    .filter((file) => file.startsWith(`${toolFolder}/`))
    .some((file) => taken.some((other) => meet(webPath(file, layout), other)));
  return collides ? { toolFolder, frontend: 'src/tool/frontend/', rest: 'src/tool/' } : layout;
}

/**
 * Path of a repository file in the web app (below `apps/<id>-web/`). The tool's folders keep their relative places,
 * and shared code keeps the place that its alias names, so that imports still resolve.
 */
export function webPath(file: string, { toolFolder, frontend, rest }: WebLayout): string {
  const below = (folder: string): string | null =>
    file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : null;
  const own = below(`${toolFolder}/frontend`);
  if (own !== null) return frontend + own;
  const tool = below(toolFolder);
  if (tool !== null) return rest + tool;
  return /^(?:contracts|shared)\//.test(file) ? `src/${file}` : `src/carried/${file}`;
}

/** Path aliases in the web app's package.json, with the same meaning as in the repository. */
export function aliasesFor({ toolFolder, frontend, rest }: WebLayout): Readonly<Record<string, string>> {
  const tool = `#${toolFolder}`;
  return {
    '#contracts/*': './src/contracts/*.ts',
    '#shared/*': './src/shared/*.ts',
    [`${tool}/frontend/*`]: `./${frontend}*`,
    [`${tool}/*`]: `./${rest}*`,
  };
}

/** Whether an alias resolves to the same file in the web app. */
export const aliasHolds = (specifier: string, { toolFolder }: WebLayout): boolean =>
  /^#(?:contracts|shared)\/[^.]+$/.test(specifier) || specifier.startsWith(`#${toolFolder}/`);
