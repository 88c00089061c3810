import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Name of the platform's package, on npm and in package.json. */
export const PACKAGE_NAME = 'generator-platform';

/** Extension of the platform's modules: `.ts` in its repository, `.js` in the published package. */
const EXTENSION = path.extname(import.meta.filename);

/**
 * Absolute path of the workspace that a process works in: the nearest folder, from `from` upward, whose package.json
 * depends on the platform, or is the platform's own. Tools, apps, `shared/`, `gateway/`, the compose file,
 * `templates.local/` and `.platform/` belong to it. Never derived from a module's own address, because several
 * workspaces may link one installation.
 *
 * @throws Error when no such folder exists, or its path is unusable; the message says why and what to do.
 */
export function findWorkspace(from: string): string {
  let folder = path.resolve(from);
  for (;;) {
    if (isWorkspace(folder)) {
      assertUsable(folder);
      return folder;
    }
    const parent = path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  throw new Error(
    `${path.resolve(from)} is not inside a workspace of the platform. Change into one and try again, or make one: npx ${PACKAGE_NAME} app my-workspace`,
  );
}

/**
 * Absolute path of the package that a workspace runs on: templates, migrations, the shell of the dashboard, the server
 * and the exporter belong to it. The platform's own repository is both.
 */
export function packageOf(workspace: string): string {
  return readPackage(workspace)?.name === PACKAGE_NAME ? workspace : OWN_PACKAGE;
}

/** The package of this module, for what runs outside any workspace. */
export const OWN_PACKAGE = path.resolve(import.meta.dirname, '..');

/** Absolute path of a module of the platform, such as `dev/platform`, which another process or thread runs. */
export function programOf(workspace: string, name: string): string {
  return path.join(packageOf(workspace), `${name}${EXTENSION}`);
}

/**
 * Absolute path of a source file that an export carries, named as in the platform's repository. `contracts/` is the
 * platform's in every workspace; all other files are the workspace's own.
 */
export function carriedFile(workspace: string, file: string): string {
  return file.startsWith('contracts/') ? sourceOf(workspace, file) : path.join(workspace, file);
}

/** Absolute path of a TypeScript source of the platform. The published package has those that exports carry. */
export function sourceOf(workspace: string, file: string): string {
  const sources = EXTENSION === '.ts' ? packageOf(workspace) : path.join(packageOf(workspace), 'sources');
  return path.join(sources, file);
}

/** The tsconfig.json of the frontends of tools, relative to the workspace. */
export function webConfigOf(workspace: string): string {
  return packageOf(workspace) === workspace ? 'monolith/web/tsconfig.json' : 'tsconfig.web.json';
}

/**
 * Folder of the dashboard's shell, relative to the workspace, which is compiled together with the tools. Beside the
 * package, it is a copy: compilers take what lies below `node_modules` for finished code.
 */
export function shellOf(workspace: string): string {
  return packageOf(workspace) === workspace ? 'monolith/web' : '.platform/web';
}

function isWorkspace(folder: string): boolean {
  const found = readPackage(folder);
  if (found === null) return false;
  return (
    found.name === PACKAGE_NAME ||
    found.dependencies?.[PACKAGE_NAME] !== undefined ||
    found.devDependencies?.[PACKAGE_NAME] !== undefined
  );
}

/** @throws Error for a path in which Node.js resolves no alias: it replaces every `*` in the target of `#contracts/*`. */
export function assertUsable(folder: string): void {
  if (!folder.includes('*')) return;
  throw new Error(
    `${folder}: Node.js resolves no imports by alias (#contracts/...) below a folder with * in its name. Rename the folder, or move the workspace.`,
  );
}

interface PackageJson {
  readonly name?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
}

/** `null` without a package.json, or with one that is not an object of JSON. */
function readPackage(folder: string): PackageJson | null {
  try {
    const read: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return typeof read === 'object' && read !== null ? read : null;
  } catch {
    return null;
  }
}
