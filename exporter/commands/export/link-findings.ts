import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';

/**
 * Links in the tool's folder. One that leads out of it, to a folder or nowhere is an error: its target, which may be a
 * secret, would be copied into the exported apps.
 *
 * @param files below the tool's folder
 */
export async function linkFindings(
  root: string,
  { toolFolder }: ToolNames,
  files: readonly string[],
): Promise<readonly Finding[]> {
  const folder = await realpath(path.join(root, toolFolder));
  const found = await Promise.all(
    files.map(async (name): Promise<readonly Finding[]> => {
      const file = path.join(root, toolFolder, name);
      if (!(await lstat(file)).isSymbolicLink()) return [];
      const target = await realpath(file).catch(() => null);
      if (target === null) return [link(`${toolFolder}/${name}`, 'a link that leads nowhere')];
      if (path.relative(folder, target).startsWith('..'))
        return [link(`${toolFolder}/${name}`, "a link out of the tool's folder")];
      return (await stat(target)).isDirectory()
        ? [link(`${toolFolder}/${name}`, 'a link to a folder')]
        : [
            {
              code: 'code-link',
              severity: 'info',
              step: 'preflight',
              message: `${toolFolder}/${name} is a link: the text of its target is exported`,
              file: `${toolFolder}/${name}`,
              remedy: '',
            },
          ];
    }),
  );
  return found.flat();
}

const link = (file: string, what: string): Finding => ({
  code: 'code-link',
  severity: 'error',
  step: 'preflight',
  message: `${file} is ${what}, which an export does not copy`,
  file,
  remedy:
    'Replace the link by the files themselves, or import code of the repository, which is carried along.',
});
