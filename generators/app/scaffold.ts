import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../contracts/errors.ts';
import { assertUsable, OWN_PACKAGE, PACKAGE_NAME } from '../../templating/roots.ts';
import { RECORD_FILE, type RenderedFile } from '../packed-base.ts';
import { readText, type FileChange } from '../write/journal.ts';
import { withLineEndsOf } from '../write/line-ends.ts';
import type { Answers } from './answers.ts';
import { recordText } from './record.ts';
import { renderWorkspace } from './render-workspace.ts';

const EXAMPLE = 'tools/inventory-tracker';

/** Every file of a workspace with its current text on disk. Reads only. */
export async function planWorkspace(answers: Answers, root: string): Promise<readonly FileChange[]> {
  const base = await renderWorkspace(answers, root);
  const record = { path: RECORD_FILE, content: await recordText({ answers, base }) };
  const model = readText(root, 'package.json');
  return [...base, ...(answers.example ? exampleFiles() : []), record].map(({ path: file, content }) => {
    const before = presentText(root, file);
    return { path: file, before, after: withLineEndsOf(before, content, { model }) };
  });
}

/** @throws PlatformError `target-exists` where a folder has the name of a file, or the other way round */
function presentText(root: string, file: string): string | null {
  try {
    return readText(root, file);
  } catch (error) {
    throw new PlatformError(
      'target-exists',
      `${path.join(root, file)} is needed for a file and cannot be read: ${error instanceof Error ? error.message : String(error)}. Move it away, or choose another folder.`,
      { cause: error },
    );
  }
}

/** The tool's own files: from then on it belongs to the team, so no record holds them. */
function exampleFiles(): RenderedFile[] {
  const folder = path.join(OWN_PACKAGE, EXAMPLE);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(OWN_PACKAGE, path.join(entry.parentPath, entry.name)))
    .sort()
    .map((file) => ({
      path: file.split(path.sep).join('/'),
      content: readFileSync(path.join(OWN_PACKAGE, file), 'utf8'),
    }));
}

/**
 * Refuses a folder that cannot become a workspace.
 * @throws PlatformError `target-exists` for a file, and for the platform's own repository
 * @throws Error for a path in which aliases do not resolve
 */
export function assertRoom(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new PlatformError('target-exists', `${root} is a file. Choose another folder.`);
  assertUsable(root);
  const { name } = JSON.parse(readText(root, 'package.json') ?? '{}') as { name?: unknown };
  if (name === PACKAGE_NAME)
    throw new PlatformError(
      'target-exists',
      `${root} is the platform's own repository. Choose another folder.`,
    );
}
