import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analyseBoundaries, type Boundaries, type DatabaseFacts } from '../../../inspection/index.ts';

/** Writes files to a folder of its own; `remove` deletes it. */
export function plantSource(files: Readonly<Record<string, string>>): { root: string; remove: () => void } {
  const root = mkdtempSync(path.join(tmpdir(), 'boundaries-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return { root, remove: () => rmSync(root, { recursive: true }) };
}

/** The boundaries of an application of these files. */
export async function boundariesOf(
  files: Readonly<Record<string, string>>,
  options: { readonly modules?: string; readonly database?: DatabaseFacts } = {},
): Promise<Boundaries> {
  const { root, remove } = plantSource(files);
  try {
    return await analyseBoundaries({ root, database: null, ...options });
  } finally {
    remove();
  }
}

/** `from reads table` and `from writes table`, of every use of a table by code. */
export const tableUses = ({ matrix }: Boundaries): readonly string[] =>
  matrix.tables.map(({ module, target, access }) => `${module} ${access ?? ''}s ${target}`).sort();

/** `kind from -> to: name`, sorted. */
export const couplingNames = ({ couplings }: Boundaries): readonly string[] =>
  couplings.map(({ kind, from, to, name }) => `${kind} ${from} -> ${to}: ${name}`).sort();
