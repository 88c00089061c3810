import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Ids of the tools in the folder `tools/` of a workspace, sorted. */
export function toolFolders(root: string): readonly string[] {
  const folder = path.join(root, 'tools');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((id) => existsSync(path.join(folder, id, 'manifest.json')))
    .sort();
}
