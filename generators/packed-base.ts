import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { PlatformError } from '../contracts/errors.ts';
import { readText } from './write/journal.ts';
import { withLf } from './write/line-ends.ts';

/** A file as the templates wrote it. */
export interface RenderedFile {
  /** Below the folder of the scaffold, POSIX separators. */
  readonly path: string;
  readonly content: string;
}

/** The record of a scaffold, in the folder of its files: their answers, and their packed base. */
export const RECORD_FILE = '.scaffold.json';

/**
 * The parsed record of a scaffold; `null` without one.
 * @param file of the record, relative to the root
 * @throws PlatformError `answers-invalid` for a damaged record, such as one with conflict markers of git
 */
export function readRecordFile<T>(root: string, file: string, parse: (text: string) => T): T | null {
  const text = readText(root, file);
  if (text === null) return null;
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlatformError(
      'answers-invalid',
      `${file} cannot be read: ${reason}. Restore the version of one commit (git checkout COMMIT -- ${file}) and try again.`,
      { cause: error },
    );
  }
}

/** Files as text of a record, to be the base of a three-way merge. */
export function packBase(files: readonly RenderedFile[]): string {
  const packed = brotliCompressSync(JSON.stringify(files), {
    params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  });
  return packed.toString('base64');
}

export function unpackBase(text: string): RenderedFile[] {
  const files = JSON.parse(brotliDecompressSync(Buffer.from(text, 'base64')).toString()) as RenderedFile[];
  return files.map(({ path, content }) => ({ path, content: withLf(content) }));
}
