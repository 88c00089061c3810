/**
 * Prefix of binary contents. A file's content is a string that survives JSON and PostgreSQL: text unchanged, everything
 * else as base64 behind this prefix. It begins with a noncharacter of Unicode; a text that begins with the prefix is
 * encoded as binary, so that the encoding is unambiguous.
 */
const PREFIX = '\uffffbase64,';

export function contentOf(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0') && !text.startsWith(PREFIX)) return text;
  } catch {
    // not UTF-8
  }
  return PREFIX + Buffer.from(bytes).toString('base64');
}

export const bytesOf = (content: string): Buffer =>
  isBinary(content) ? Buffer.from(content.slice(PREFIX.length), 'base64') : Buffer.from(content, 'utf8');

export const isBinary = (content: string): boolean => content.startsWith(PREFIX);
