import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Package that depends on itself: in a clone it must mean the clone. */
const SELF = 'generator-platform';

/**
 * A clone of the repository's HEAD in `target`, ready to run: its `node_modules` holds a link to every package of
 * the repository, so that nothing is installed, and the clone's own code wherever the package means itself.
 * What was in `target` is replaced.
 */
export async function makeScratchClone(source: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(path.dirname(target), { recursive: true });
  // --no-hardlinks would copy every object; a shared store is enough for a clone that is thrown away
  await exec('git', ['clone', '--quiet', '--shared', '--no-tags', source, target]);
  await exec('git', ['-C', target, 'config', 'user.name', 'Scratch']);
  await exec('git', ['-C', target, 'config', 'user.email', 'scratch@example.invalid']);
  await linkPackages(path.join(source, 'node_modules'), path.join(target, 'node_modules'), target);
}

async function linkPackages(from: string, to: string, clone: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const name = entry.name;
    if (name === SELF) await symlink(clone, path.join(to, name), 'dir');
    // Links in .bin are relative: a copy of them leads into the clone's own node_modules
    else if (name === '.bin')
      await cp(path.join(from, name), path.join(to, name), { recursive: true, verbatimSymlinks: true });
    else if (!name.startsWith('.')) await symlink(path.join(from, name), path.join(to, name));
  }
}
