import { PlatformError } from '../../contracts/errors.ts';
import type { Answers } from '../tool/answers.ts';
import type { Addition, ScaffoldRecord } from '../tool/record.ts';
import type { RenderedFile } from '../packed-base.ts';
import type { FileChange } from '../write/journal.ts';
import { draftOf } from './draft-of.ts';
import { recordedTool } from './tool-folder.ts';

/**
 * Renders the files of a tool with its additions from the current templates. Reads only.
 * @throws PlatformError when the templates no longer contain an anchor of an addition
 */
export async function replay(input: {
  root: string;
  answers: Answers;
  rendered: readonly RenderedFile[];
  additions: readonly Addition[];
  /** Number of additions that `rendered` already contains. */
  done?: number;
}): Promise<RenderedFile[]> {
  const { root, answers, rendered, additions, done = 0 } = input;
  const files = new Map(rendered.map(({ path, content }) => [path, content]));
  for (const [i, addition] of additions.entries()) {
    if (i < done) continue;
    const tool = recordedTool({ root, answers, files, earlier: additions.slice(0, i), addition });
    const draft = await draftOf(addition.kind, tool, addition.name);
    for (const { path, after } of await draft.changes()) files.set(belowTool(path, answers.id), after ?? '');
  }
  return [...files].map(([path, content]) => ({ path, content }));
}

/** The record of a tool after an addition with these `changes`. */
export async function recordWith(
  record: ScaffoldRecord,
  { root, addition, changes }: { root: string; addition: Addition; changes: readonly FileChange[] },
): Promise<ScaffoldRecord> {
  const { answers, base } = record;
  const additions = [...record.additions, addition];
  const wired = await replay({
    root,
    answers,
    rendered: base,
    additions,
    done: record.additions.length,
  }).catch((error: unknown) => {
    // The anchor exists in the user's edited file, but not in the file as the templates wrote it
    if (error instanceof PlatformError) return base;
    throw error;
  });
  const files = new Map(wired.map(({ path, content }) => [path, content]));
  for (const { path, before, after } of changes)
    if (before === null) files.set(belowTool(path, answers.id), after ?? '');
  return { ...record, additions, base: [...files].map(([path, content]) => ({ path, content })) };
}

const belowTool = (path: string, id: string): string => path.slice(`tools/${id}/`.length);
