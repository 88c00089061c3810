import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Replaces a file atomically and durably: readers, also after a crash, see the old or the new text. */
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

/** The temporary file that a killed {@link writeDurably} leaves beside `file`. */
export function removeDraft(file: string): void {
  rmSync(draftOf(file), { force: true });
}

// The journal allows one writer at a time, so a fixed name is safe and can be found again.
const draftOf = (file: string): string => path.join(path.dirname(file), `.${path.basename(file)}.draft`);
