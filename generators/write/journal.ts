import { existsSync, linkSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../contracts/errors.ts';
import { removeDraft, writeDurably } from './durable.ts';

/** One file of a write: its path below the repository, and its text before and after (`null`: there is none). */
export interface FileChange {
  /** POSIX separators. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a write that was cut short left for the next run to finish. */
export interface Recovery {
  readonly completed: readonly string[];
  /** Changed by somebody else since; left alone. */
  readonly kept: readonly string[];
}

interface Journal {
  /** Who writes. */
  readonly pid: number;
  readonly changes: readonly FileChange[];
}

const JOURNAL = '.platform/scaffold/journal.json';

/**
 * Makes all changes or none. The journal with every new text is on the disk before the first file is touched: a
 * process that dies in between is finished by {@link recoverWrites} in the next run, and an error (no space, no
 * right) takes back what was done and is thrown on.
 */
export function writeAll(root: string, changes: readonly FileChange[]): void {
  const effective = changes.filter((change) => change.before !== change.after);
  if (effective.length === 0) return;
  for (const change of effective) assertInside(root, change.path);
  const journal = path.join(root, JOURNAL);
  createDurably(journal, JSON.stringify({ pid: process.pid, changes: effective }));
  const done: FileChange[] = [];
  try {
    for (const change of effective) {
      put(root, change.path, change.after);
      done.push(change);
    }
  } catch (error) {
    for (const change of done.reverse()) put(root, change.path, change.before);
    rmSync(journal, { force: true });
    throw error;
  }
  rmSync(journal);
}

/** Finishes a write that a killed process left half done. Safe to call at any time; without one it does nothing. */
export function recoverWrites(root: string): Recovery {
  const journal = path.join(root, JOURNAL);
  if (!existsSync(journal)) return { completed: [], kept: [] };
  const { pid, changes } = JSON.parse(readFileSync(journal, 'utf8')) as Journal;
  if (pid !== process.pid && isAlive(pid)) throw busy(pid);
  const completed: string[] = [];
  const kept: string[] = [];
  for (const change of changes) {
    assertInside(root, change.path);
    const now = readText(root, change.path);
    removeDraft(path.join(root, change.path));
    if (now === change.after) continue;
    if (now === change.before) {
      put(root, change.path, change.after);
      completed.push(change.path);
    } else kept.push(change.path);
  }
  rmSync(journal);
  return { completed, kept };
}

/** Takes the journal, which is the lock as well: two writers at once would mix their files. */
function createDurably(journal: string, text: string): void {
  const draft = `${journal}.${process.pid}`;
  writeDurably(draft, text);
  try {
    linkSync(draft, journal); // fails where the file exists, and is seen whole or not at all
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw busy((JSON.parse(readFileSync(journal, 'utf8')) as Journal).pid);
  } finally {
    rmSync(draft, { force: true });
  }
}

function busy(pid: number): PlatformError {
  return new PlatformError(
    'locked',
    `Process ${pid} is writing to the repository's tools. Wait for it and try again.`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A file's text, or `null` when there is no such file. */
export function readText(root: string, file: string): string | null {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function put(root: string, file: string, text: string | null): void {
  const absolute = path.join(root, file);
  if (text !== null) {
    writeDurably(absolute, text);
    return;
  }
  rmSync(absolute, { force: true });
  removeEmptyFolders(root, path.dirname(absolute));
}

/** Upward from a removed file, as far as folders are empty, never the top-level ones. */
function removeEmptyFolders(root: string, folder: string): void {
  if (path.relative(root, folder).split(path.sep).length < 2) return;
  try {
    rmdirSync(folder);
  } catch {
    return; // not empty, or gone already
  }
  removeEmptyFolders(root, path.dirname(folder));
}

function assertInside(root: string, file: string): void {
  const relative = path.relative(root, path.resolve(root, file));
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative))
    throw new RangeError(`${file} lies outside ${root}`);
}
