import type { Ports } from '../../ports.ts';
import { parseProvenance, PROVENANCE_FILE, sha256 } from './provenance.ts';

/**
 * Copies exported files that were edited by hand to the state folder, before the app's folder is deleted: seconds or
 * days may lie between an export and its rollback. Safe to call twice.
 */
export async function keepEdits(folder: string, ports: Ports): Promise<void> {
  const provenance = parseProvenance((await ports.files.readText(`${folder}/${PROVENANCE_FILE}`)) ?? '');
  for (const [name, checksum] of Object.entries(provenance?.files ?? {}))
    await keepEdited(`${folder}/${name}`, (text) => sha256(text) === checksum, ports);
}

/** The same for one file, unless `isOurs` knows its text. */
export async function keepEdited(
  file: string,
  isOurs: (text: string) => boolean,
  ports: Ports,
): Promise<void> {
  const { stateDir } = ports.settings;
  const text = await ports.files.readText(file);
  if (text === null || isOurs(text) || stateDir.startsWith('/')) return;
  const copy = `${stateDir}/kept/${file}`;
  if ((await ports.files.readText(copy)) === text) return; // kept already, by an undo before this one
  await ports.files.writeText(copy, text);
  ports.report.log('warning', `${file} was edited by hand; a copy is at ${copy}`);
}
