import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Rules of `overrides` in package.json: a version, or rules for what a package depends on. */
export interface Overrides {
  readonly [name: string]: string | Overrides;
}

/** What decides, beside the lock file, which packages npm installs in the repository. */
export interface NpmProject {
  readonly overrides: Overrides;
  /** Direct dependencies of the repository, as declared. */
  readonly declared: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  /** Text of `.npmrc`; empty when there is none. */
  readonly npmrc: string;
  /** Patches of patch-package, relative to the repository. */
  readonly patches: readonly string[];
}

interface PackageFile {
  readonly overrides?: Overrides;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Scripts that `npm ci` runs in the repository, and not in an exported app. */
export const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'] as const;

export async function readNpmProject(root: string): Promise<NpmProject> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8');
  const {
    overrides = {},
    scripts = {},
    ...dependencies
  } = JSON.parse(text.replace(/^\uFEFF/, '')) as PackageFile;
  const { optionalDependencies, devDependencies, dependencies: runtime } = dependencies;
  const folder = patchFolder(scripts);
  const files = await readdir(path.join(root, folder)).catch(() => []);
  return {
    overrides,
    scripts,
    declared: { ...optionalDependencies, ...devDependencies, ...runtime },
    npmrc: await readFile(path.join(root, '.npmrc'), 'utf8').catch(() => ''),
    patches: files
      .filter((file) => file.endsWith('.patch'))
      .sort()
      .map((file) => path.posix.join(folder, file)),
  };
}

/** The folder that patch-package reads. */
function patchFolder(scripts: Readonly<Record<string, string>>): string {
  const option = /patch-package\b[^&|;]*--patch-dir[ =]+["']?([^\s"']+)/;
  for (const name of INSTALL_SCRIPTS) {
    const folder = option.exec(scripts[name] ?? '')?.[1];
    if (folder !== undefined) return folder;
  }
  return 'patches';
}
