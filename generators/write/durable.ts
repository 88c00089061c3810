import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Replaces a file in one step: a reader, and a crash, see the old text or the new one, never a part. */
export function writeDurably(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = draftOf(file);
  try {
    const handle = openSync(draft, 'w');
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What a process that died in {@link writeDurably} may have left beside `file`. */
export function removeDraft(file: string): void {
  rmSync(draftOf(file), { force: true });
}

// One writer at a time (the journal sees to that), so one name is enough, and it is found again.
const draftOf = (file: string): string => path.join(path.dirname(file), `.${path.basename(file)}.draft`);
