import { formatAs } from '../../templating/format.ts';
import { packBase, readRecordFile, RECORD_FILE, unpackBase, type RenderedFile } from '../packed-base.ts';
import type { RecordedAnswers } from './model.ts';

/**
 * The record of a workspace, in its root: the base of the three-way merge when templates change and files were edited.
 */
export interface WorkspaceRecord {
  readonly answers: RecordedAnswers;
  /** The files as the templates wrote them. */
  readonly base: readonly RenderedFile[];
}

/** The record of a workspace, or `null` for one that the generator did not make, such as the platform's repository. */
export const readRecord = (root: string): WorkspaceRecord | null =>
  readRecordFile(root, RECORD_FILE, (text) => {
    const { answers, base } = JSON.parse(text) as { answers: RecordedAnswers; base: string };
    return { answers, base: unpackBase(base) };
  });

/** The text of the record; the same for the same files. */
export function recordText({ answers, base }: WorkspaceRecord): Promise<string> {
  const { name, package: spec } = answers;
  const sorted = base.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return formatAs(
    JSON.stringify({ answers: { name, package: spec }, base: packBase(sorted) }, null, 2),
    RECORD_FILE,
    {},
  );
}
