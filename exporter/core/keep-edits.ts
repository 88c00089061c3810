import path from 'node:path';
import type { Ports } from './ports.ts';
import { parseProvenance, PROVENANCE_FILE, sha256 } from './provenance.ts';

type Files = Readonly<Record<string, string>>;

/**
 * Copies exported files that were edited by hand to the state folder, before the app's folder is deleted. Safe to call
 * twice.
 */
export async function keepEdits(folder: string, ports: Ports): Promise<void> {
  const provenance = parseProvenance((await ports.files.readText(`${folder}/${PROVENANCE_FILE}`)) ?? '');
  for (const [name, checksum] of Object.entries(provenance?.files ?? {}))
    await keepEdited(`${folder}/${name}`, (text) => sha256(text) === checksum, ports);
}

/**
 * Copies files that the user has added to the folder: the export did not generate them, and `before` the export they did
 * not exist with this content.
 */
export async function keepAdded(
  folder: string,
  { generated, before }: { readonly generated: Files; readonly before: Files },
  ports: Ports,
): Promise<void> {
  const provenance = parseProvenance((await ports.files.readText(`${folder}/${PROVENANCE_FILE}`)) ?? '');
  const exported = new Set([
    ...Object.keys(provenance?.files ?? {}),
    ...Object.keys(generated),
    PROVENANCE_FILE,
  ]);
  for (const name of await ports.files.list(folder)) {
    const file = `${folder}/${name}`;
    if (exported.has(name) || (name in before && (await ports.files.readText(file)) === before[name]))
      continue;
    await keep(file, 'was added by hand', (copy) => ports.files.copy(file, copy), ports);
  }
}

/** Copies one file, unless it `isUnedited`. */
export async function keepEdited(
  file: string,
  isUnedited: (text: string) => boolean,
  ports: Ports,
): Promise<void> {
  const text = await ports.files.readText(file);
  if (text === null || isUnedited(text)) return;
  if ((await ports.files.readText(copyOf(file, ports))) === text) return; // an earlier undo has copied it
  await keep(file, 'was edited by hand', (copy) => ports.files.writeText(copy, text), ports);
}

/** Copies a part of a file that was edited by hand. */
export async function keepEditedPart(
  { file, part, text }: { readonly file: string; readonly part: string; readonly text: string },
  ports: Ports,
): Promise<void> {
  const extension = path.extname(file);
  const copy = copyOf(`${file.slice(0, -extension.length)}.${part}${extension}`, ports);
  if ((await ports.files.readText(copy)) === text) return; // an earlier undo has copied it
  await ports.files.writeText(copy, text);
  ports.report.log('warning', `The entry of ${part} in ${file} was edited by hand; a copy is at ${copy}`);
}

/** Below the state folder, or below `.platform` when the state folder is outside the repository. */
function copyOf(file: string, { settings: { stateDir } }: Ports): string {
  const outside = path.isAbsolute(stateDir) || path.normalize(stateDir).startsWith('..');
  return `${outside ? '.platform' : stateDir}/kept/${file}`;
}

async function keep(
  file: string,
  why: string,
  copyTo: (copy: string) => Promise<void>,
  ports: Ports,
): Promise<void> {
  const copy = copyOf(file, ports);
  await copyTo(copy);
  ports.report.log('warning', `${file} ${why}; a copy is at ${copy}`);
}
