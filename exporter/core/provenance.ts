import { createHash } from 'node:crypto';
import { bytesOf, storedFile } from './file-content.ts';

/** `.export.json`: the tool and commit that an app was exported from, and the checksums of its generated files. */
export interface Provenance {
  readonly tool: string;
  readonly version: string;
  /** Full id of the commit that was exported. */
  readonly commit: string;
  /** SHA-256 of each file, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Generated texts of the files that keep edits made by hand: the base of the next three-way merge. */
  readonly generated?: Readonly<Record<string, string>>;
}

export const PROVENANCE_FILE = '.export.json';

/** Hex checksum of the bytes of a file's content. */
export const sha256 = (content: string): string =>
  storedFile(content)?.sha256 ?? createHash('sha256').update(bytesOf(content)).digest('hex');

/** The text of `.export.json`. It holds no time and no host name, so that equal exports give equal files. */
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

/** `null` when the text is not a valid provenance file. */
export function parseProvenance(text: string): Provenance | null {
  try {
    const value = JSON.parse(text) as Partial<Provenance> | null;
    const complete = typeof value?.files === 'object' && typeof value.commit === 'string';
    return complete ? (value as Provenance) : null;
  } catch {
    return null;
  }
}
