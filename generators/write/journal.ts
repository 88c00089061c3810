import { existsSync, linkSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../contracts/errors.ts';
import { removeDraft, writeDurably } from './durable.ts';

/** A changed file: its path relative to the repository, and its text before and after (`null`: does not exist). */
export interface FileChange {
  /** POSIX separators. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The result of completing an interrupted write. */
export interface Recovery {
  readonly completed: readonly string[];
  /** Changed by another program since, and unchanged here. */
  readonly kept: readonly string[];
}

interface Journal {
  /** Process id of the writer. */
  readonly pid: number;
  readonly changes: readonly FileChange[];
}

const JOURNAL = '.platform/scaffold/journal.json';

/**
 * Makes all changes or none. The journal with every new text is on disk before the first file changes: {@link
 * recoverWrites} completes the write of a killed process in the next run, and an error (ENOSPC, EACCES) rolls
 * back and is rethrown.
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

/** Completes the write of a killed process. Safe to call at any time; does nothing without a journal. */
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

/** Creates the journal, which is also the lock, because two writers at once would mix their files. */
function createDurably(journal: string, text: string): void {
  const draft = `${journal}.${process.pid}`;
  writeDurably(draft, text);
  try {
    linkSync(draft, journal); // atomic: fails if the file exists
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
    `Process ${pid} is writing to the tools of this repository. Wait for it and try again.`,
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

/** Text of a file, or `null` if it does not exist. */
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

/** Removes empty folders upward from a removed file, except top-level ones. */
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
