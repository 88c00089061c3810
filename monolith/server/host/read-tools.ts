import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import { toolIdProblem } from '../../../contracts/ids.ts';
import { filesBelow } from './files-below.ts';
import { ManifestError, parseManifest, type Manifest } from '../../../contracts/manifest.ts';

/** The folder `tools/<id>/` of a tool. */
export interface ToolFolder {
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
}

/** The tools with a manifest, sorted by id. */
export async function findTools(root: string): Promise<readonly ToolFolder[]> {
  const entries = await readdir(path.join(root, 'tools'), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isFile())
    .map((entry) => findTool(root, entry.name))
    .filter((tool) => tool !== null)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Folders with a manifest whose name cannot be a tool's id, with the reason. They are not served. */
export async function misnamedFolders(
  root: string,
): Promise<readonly { readonly name: string; readonly problem: string }[]> {
  const entries = await readdir(path.join(root, 'tools'), { withFileTypes: true }).catch(() => []);
  return entries.flatMap(({ name }) => {
    const problem = toolIdProblem(name);
    const isTool = existsSync(path.join(root, 'tools', name, 'manifest.json'));
    return problem === null || !isTool ? [] : [{ name, problem }];
  });
}

/** The tool with this id, if it has a manifest. The id may come from a URL and is validated. */
export function findTool(root: string, id: string): ToolFolder | null {
  if (toolIdProblem(id) !== null) return null;
  const folder = path.join(root, 'tools', id);
  return existsSync(path.join(folder, 'manifest.json')) ? { id, folder } : null;
}

/** @throws PlatformError `manifest-invalid` with every problem. */
export async function readManifest({ id, folder }: ToolFolder): Promise<Manifest> {
  const file = `tools/${id}/manifest.json`;
  const text = await readFile(path.join(folder, 'manifest.json'), 'utf8');
  try {
    const manifest = parseManifest(JSON.parse(text));
    if (manifest.id === id) return manifest;
    throw new ManifestError([{ pointer: '/id', message: `must be "${id}", the name of its folder` }]);
  } catch (cause) {
    if (cause instanceof ManifestError)
      throw new PlatformError(
        'manifest-invalid',
        cause.problems.map((p) => `${file} ${p.pointer || '/'}: ${p.message}`).join('\n'),
        { cause, errors: cause.problems },
      );
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlatformError('manifest-invalid', `${file}: ${why}`, { cause });
  }
}

/** Changes with every change of a file that the host loads: the manifest, the backend, the database files. */
export async function fingerprint({ folder }: ToolFolder): Promise<string> {
  const hash = createHash('sha256');
  for (const part of ['manifest.json', 'backend', 'database'])
    for (const file of await filesOf(path.join(folder, part))) {
      const { mtimeMs, size } = await lstat(file);
      hash.update(`${file}\0${mtimeMs}\0${size}\0`);
    }
  return hash.digest('hex');
}

async function filesOf(start: string): Promise<readonly string[]> {
  const info = await stat(start).catch(() => null);
  if (info === null) return [];
  return info.isDirectory() ? (await filesBelow(start)).map((file) => file.path) : [start];
}
