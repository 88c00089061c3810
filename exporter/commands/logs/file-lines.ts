import { open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { StringDecoder } from 'node:string_decoder';

const POLL_MS = 250;
const CHUNK = 64 * 1024;

/**
 * The complete lines of a file that a process appends to. With `follow`, also those that are written later, until the reader stops; a file that
 * was truncated or replaced is read from its beginning.
 */
export async function* fileLines(
  file: string,
  { follow }: { readonly follow: boolean },
): AsyncGenerator<string> {
  let offset = 0;
  let rest = '';
  let decoder = new StringDecoder('utf8');
  for (;;) {
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    if (size < offset) [offset, rest, decoder] = [0, '', new StringDecoder('utf8')];
    while (offset < size) {
      const chunk = await readAt(file, offset);
      if (chunk.length === 0) break;
      offset += chunk.length;
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (!follow) {
      if (rest !== '') yield rest;
      return;
    }
    await delay(POLL_MS);
  }
}

async function readAt(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
