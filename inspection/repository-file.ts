import path from 'node:path';

/** Files that Node.js, npm and TypeScript read wherever they lie. */
const CONFIGURES = /^(package|package-lock|npm-shrinkwrap|(ts|js)config(\.[\w-]+)?)\.json$/;

/**
 * Why a file cannot be carried into an exported app: beside carried code it would take effect there, as a package.json
 * does on the aliases and the module format of all code around it. `null` for any other file.
 */
export function repositoryFile(file: string): { readonly message: string; readonly remedy: string } | null {
  if (!CONFIGURES.test(path.posix.basename(file))) return null;
  return {
    message: `is ${file}, which configures the code around it, and would do so in the exported app.`,
    remedy:
      'Write the values that the tool needs into a file of the tool, for example constants.ts, and import that.',
  };
}
