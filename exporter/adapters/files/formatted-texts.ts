import { createHash } from 'node:crypto';
import { mkdir, readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { FormattedTexts } from '../../core/ports.ts';
import { evictOldest } from './evict-oldest.ts';

/** Number of texts that are kept, some forty of each generated app; the least recently used are deleted first. */
const MOST_KEPT = 1000;

/** Keeps formatted texts as files of `folder`. Safe for several processes at once. */
export function createFormattedTexts(folder: string): FormattedTexts {
  let bounded: Promise<void> | undefined;
  const fileOf = (key: string): string => path.join(folder, key);
  return {
    async get(key) {
      const entry = await readFile(fileOf(key), 'utf8').catch(() => null);
      if (entry === null) return null;
      const end = entry.indexOf('\n');
      const text = entry.slice(end + 1);
      // A file that lost its end in a power failure, or was edited
      if (entry.slice(0, end) !== checksumOf(text)) return null;
      await utimes(fileOf(key), new Date(), new Date()).catch(() => undefined); // best effort: on a read-only disk the entry keeps its age
      return text;
    },
    async keep(key, text) {
      try {
        await mkdir(folder, { recursive: true });
        await writeFileAtomic(fileOf(key), `${checksumOf(text)}\n${text}`, { fsync: false });
      } catch {
        return; // A full or read-only disk costs the entry and does not fail the export
      }
      // An export adds a few dozen texts: once is enough
      bounded ??= evictOldest(folder, { most: MOST_KEPT });
      await bounded;
    },
  };
}

const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
