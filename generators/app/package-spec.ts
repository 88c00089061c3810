import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { validRange } from 'semver';
import { PlatformError } from '../../contracts/errors.ts';

const PREFIX = 'file:';

/**
 * The spec of the platform's package in a workspace's package.json: a version, a tag, an address, or a file or folder,
 * which npm expects relative to the package.json.
 *
 * @param cwd the folder that a relative path was typed in
 * @param root the workspace; without symbolic links, as npm resolves it
 * @throws PlatformError `answers-invalid` for a path that does not exist, and for a spec of another form
 */
export function packageSpec(given: string, { cwd, root }: { cwd: string; root: string }): string {
  const spec = given.trim();
  if (isPath(spec)) {
    const typed = spec.startsWith(PREFIX) ? spec.slice(PREFIX.length) : spec;
    const file = path.resolve(cwd, typed.replace(/^~(?=\/|$)/, homedir()));
    if (!existsSync(file))
      throw new PlatformError('answers-invalid', `--package=${given}: ${file} does not exist`);
    return `${PREFIX}${path.relative(root, file).split(path.sep).join('/') || '.'}`;
  }
  if (spec !== '' && (validRange(spec) !== null || isTag(spec) || isAddress(spec))) return spec;
  throw new PlatformError(
    'answers-invalid',
    `--package=${JSON.stringify(given)} must be a version (^1.0.0), a tag (latest), a file (file:../platform.tgz) or an address (https://...)`,
  );
}

const isPath = (spec: string): boolean =>
  spec.startsWith(PREFIX) || /^(\/|(\.{1,2}|~)(\/|$))/.test(spec) || /^[^:]*\.(tgz|tar\.gz)$/.test(spec);

const isTag = (spec: string): boolean => /^[a-z][\w.-]*$/i.test(spec);

const isAddress = (spec: string): boolean => /^(https?:\/\/|git(\+\w+)?:|github:|npm:)\S+$/.test(spec);

/**
 * The archive of the platform inside the workspace, relative to it, which its container image must copy; `null` where
 * npm gets the package from elsewhere.
 */
export function archiveOf(spec: string): string | null {
  const file = spec.startsWith(PREFIX) ? spec.slice(PREFIX.length) : '';
  return /^(?!\.\.)[\w.@+-][\w./@+-]*\.(tgz|tar\.gz)$/.test(file) ? file : null;
}
