import type { LockPackage } from './package-lock.ts';

/** What to say of a package that the lock file holds as a link: a workspace or a folder of the repository. */
export function linkedPackage(
  name: string,
  { resolved }: LockPackage,
): { readonly message: string; readonly remedy: string } {
  const folder = typeof resolved === 'string' ? resolved : '';
  if (folder === '')
    return {
      message: `The package ${name} is the platform itself, which an exported app does not have.`,
      remedy: 'Import the file by its alias (#contracts/..., #shared/...) instead.',
    };
  return {
    message: `The package ${name} is the folder ${folder} of this repository (a workspace or a link), which npm cannot install elsewhere.`,
    remedy: `Import its source files by relative path (.../${folder}/FILE), so that the export carries them, move them into shared/, or publish ${name} to a registry and install it from there.`,
  };
}
