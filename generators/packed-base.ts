import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { withLf } from './write/line-ends.ts';

/** A file as the templates wrote it. */
export interface RenderedFile {
  /** Below the folder of the scaffold, POSIX separators. */
  readonly path: string;
  readonly content: string;
}

/** The record of a scaffold, in the folder of its files: their answers, and their packed base. */
export const RECORD_FILE = '.scaffold.json';

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
