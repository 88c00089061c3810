/**
 * A file's content is a string that survives JSON and PostgreSQL: text unchanged; other bytes as base64 behind a prefix;
 * of a large file only where it lies. The prefixes begin with a noncharacter of Unicode; a text that begins with one is
 * encoded as bytes, so that the encoding is unambiguous.
 */
const BYTES = '\uffffbase64,';
const STORED = '\uffffstored,';

/** A large file, which plans and journals name instead of holding it. */
export interface StoredFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

/** Size in bytes above which a file that is no code is named only. */
const MOST_HELD = 1024 * 1024;
/** Files that are parsed or adapted. */
const READ_WHOLE = /\.(?:[cm]?[jt]sx?|json|html|s?css|sql|md|ya?ml)$/i;

export const isNamedOnly = (file: string, size: number): boolean =>
  size > MOST_HELD && !READ_WHOLE.test(file);

export function contentOf(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0') && !isBinary(text)) return text;
  } catch {
    // not UTF-8
  }
  return BYTES + Buffer.from(bytes).toString('base64');
}

export const contentOfStored = (file: StoredFile): string => STORED + JSON.stringify(file);

/** The large file that a content names; `null` for a content that holds its bytes. */
export const storedFile = (content: string): StoredFile | null =>
  content.startsWith(STORED) ? (JSON.parse(content.slice(STORED.length)) as StoredFile) : null;

/** @throws RangeError for a content that names its file only. */
export function bytesOf(content: string): Buffer {
  if (content.startsWith(STORED)) throw new RangeError(`${storedFile(content)?.path}: only its name is held`);
  return content.startsWith(BYTES)
    ? Buffer.from(content.slice(BYTES.length), 'base64')
    : Buffer.from(content, 'utf8');
}

/** Size in bytes. */
export const sizeOf = (content: string): number => storedFile(content)?.size ?? bytesOf(content).length;

export const isBinary = (content: string): boolean => content.startsWith(BYTES) || content.startsWith(STORED);
