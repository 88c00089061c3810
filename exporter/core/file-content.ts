/**
 * A file's content as a string that survives JSON and PostgreSQL: text as it is, everything else as base64 behind a mark.
 * The mark is a character that Unicode keeps out of texts; a file that begins with it counts as binary, so that no
 * content can be taken for another.
 */
const MARK = '\uffffbase64,';

export function contentOf(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0') && !text.startsWith(MARK)) return text;
  } catch {
    // no UTF-8
  }
  return MARK + Buffer.from(bytes).toString('base64');
}

export const bytesOf = (content: string): Buffer =>
  isBinary(content) ? Buffer.from(content.slice(MARK.length), 'base64') : Buffer.from(content, 'utf8');

export const isBinary = (content: string): boolean => content.startsWith(MARK);
