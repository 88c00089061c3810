import { readFileSync } from 'node:fs';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Coupling } from '../../../inspection/index.ts';

export const TODO_FILE = 'boundaries.todo.json';

/** A coupling that the team knows. Without lines, so that an edit elsewhere in the file changes nothing. */
export interface TodoEntry {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly access: 'read' | 'write' | null;
  /** `null` for an object that only the database has. */
  readonly file: string | null;
  /** The shared file that uses the table for the module; `null` when the module does so itself. */
  readonly through: string | null;
  /** The number of places in the file. */
  readonly places: number;
}

const ABOUT =
  'Couplings between modules that are known. Written by gulp boundaries --update-todo; gulp boundaries --check fails on others.';

export const entryOf = ({ kind, from, to, name, access, file, through, lines }: Coupling): TodoEntry => ({
  ...{ kind, from, to, name, access, file },
  through: through?.file ?? null,
  places: lines.length,
});

export interface Comparison {
  /** Couplings that are not listed, or are in more places than listed. */
  readonly added: readonly Coupling[];
  /** Entries without a coupling, or with more places than there are. */
  readonly stale: readonly TodoEntry[];
}

/** Entries of the database count only when the database was read. */
export function compareTodo(
  todo: readonly TodoEntry[],
  couplings: readonly Coupling[],
  withDatabase: boolean,
): Comparison {
  const listed = new Map(todo.map((entry) => [keyOf(entry), entry.places]));
  const found = new Map(couplings.map(entryOf).map((entry) => [keyOf(entry), entry.places]));
  return {
    added: couplings.filter((coupling) => {
      const places = listed.get(keyOf(entryOf(coupling)));
      return places === undefined || places < coupling.lines.length;
    }),
    stale: todo
      .filter(({ file }) => withDatabase || file !== null)
      .filter((entry) => (found.get(keyOf(entry)) ?? -1) < entry.places),
  };
}

const keyOf = ({ kind, from, to, name, access, file, through }: TodoEntry): string =>
  JSON.stringify([kind, from, to, name, access, file, through]);

/**
 * The entries of a source's list; none when there is no list.
 * @throws PlatformError `usage` when the file is no such list
 */
export function readTodo(root: string): readonly TodoEntry[] {
  const file = path.join(root, TODO_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const entries = parsed(text);
  const wrong = entries?.findIndex((entry) => !isEntry(entry)) ?? -1;
  if (entries === null || wrong >= 0)
    throw new PlatformError(
      'usage',
      `${file}${entries === null ? '' : ` /couplings/${wrong}`}: this is no list of couplings. Correct it, or write it anew with --update-todo.`,
    );
  return entries as readonly TodoEntry[];
}

function parsed(text: string): readonly unknown[] | null {
  try {
    const { couplings } = JSON.parse(text) as { couplings?: unknown };
    return Array.isArray(couplings) ? couplings : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, from, to, name, file, places } = value as Partial<Record<keyof TodoEntry, unknown>>;
  return (
    [kind, from, to, name].every((text) => typeof text === 'string') &&
    (file === null || typeof file === 'string') &&
    Number.isInteger(places)
  );
}

/** Writes the couplings; entries of a database that was not read are kept. Returns the number of entries. */
export async function writeTodo(
  root: string,
  couplings: readonly Coupling[],
  withDatabase: boolean,
): Promise<number> {
  const kept = withDatabase ? [] : readTodo(root).filter(({ file }) => file === null);
  const entries = [...couplings.map(entryOf), ...kept];
  const text = `${JSON.stringify({ about: ABOUT, couplings: entries }, null, 2)}\n`;
  await writeFileAtomic(path.join(root, TODO_FILE), text);
  return entries.length;
}
