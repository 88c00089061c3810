import { createHash } from 'node:crypto';
import { bytesOf } from './file-content.ts';

/** `.export.json`: where an exported app comes from, and what it looked like when it was made. */
export interface Provenance {
  readonly tool: string;
  readonly version: string;
  /** Full id of the commit that was exported. */
  readonly commit: string;
  /** SHA-256 of each file, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** What the export had generated for files that keep edits made by hand: the base of the next merge. */
  readonly generated?: Readonly<Record<string, string>>;
}

export const PROVENANCE_FILE = '.export.json';

/** Of the bytes of a file's content. */
export const sha256 = (content: string): string =>
  createHash('sha256').update(bytesOf(content)).digest('hex');

/** The text of `.export.json`. It holds no time and no host, so that equal exports are equal files. */
export function provenanceText(
  source: Omit<Provenance, 'files'>,
  files: Readonly<Record<string, string>>,
): string {
  const sums = Object.entries(files).map(([file, text]) => [file, sha256(text)] as const);
  return provenanceJson({ ...source, files: Object.fromEntries(sums) });
}

export function provenanceJson({ files, generated = {}, ...source }: Provenance): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = Object.keys(generated).length === 0 ? {} : { generated };
  return `${JSON.stringify({ ...source, files: Object.fromEntries(sorted), ...kept }, null, 2)}\n`;
}

/** `null` for a text that is no provenance: somebody else's file, or a broken one. */
export function parseProvenance(text: string): Provenance | null {
  try {
    const value = JSON.parse(text) as Partial<Provenance> | null;
    const complete = typeof value?.files === 'object' && typeof value.commit === 'string';
    return complete ? (value as Provenance) : null;
  } catch {
    return null;
  }
}
