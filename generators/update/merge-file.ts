import { diff3Merge } from 'node-diff3';

/** The three versions of a file; `null` where there is none. */
export interface Versions {
  /** As the old templates wrote it. */
  readonly base: string | null;
  /** As it stands in the tool. */
  readonly user: string | null;
  /** As the new templates write it. */
  readonly template: string | null;
}

export type Outcome =
  | 'unchanged' /** the templates want nothing new, or the user has it already */
  | 'updated' /** the new template's text, nothing of the user's is lost */
  | 'merged' /** both sides' changes */
  | 'conflict' /** both sides changed the same lines: marked in the file */
  | 'added'
  | 'removed' /** the template is gone, and the user had left its file as it was */
  | 'kept'; /** the user's version stays against the template's; said in the report */

export interface MergedFile {
  readonly outcome: Outcome;
  readonly text: string | null;
}

/** Brings what has changed in a template into a file that may have been edited or deleted since. Pure. */
export function mergeFile({ base, user, template }: Versions): MergedFile {
  if (template === base || template === user) return { outcome: 'unchanged', text: user };
  if (template === null)
    return user === base ? { outcome: 'removed', text: null } : { outcome: 'kept', text: user };
  if (user === null)
    return base === null ? { outcome: 'added', text: template } : { outcome: 'kept', text: null };
  if (user === base) return { outcome: 'updated', text: template };
  return mergeLines({ base: base ?? '', user, template });
}

function mergeLines(versions: { base: string; user: string; template: string }): MergedFile {
  const regions = diff3Merge(lines(versions.user), lines(versions.base), lines(versions.template), {
    excludeFalseConflicts: true,
  });
  const conflict = regions.some((region) => region.conflict !== undefined);
  const text = regions
    .flatMap((region) => {
      if (region.conflict === undefined) return region.ok ?? [];
      // As git marks them.
      return [
        '<<<<<<< yours\n',
        ...closed(region.conflict.a),
        '=======\n',
        ...closed(region.conflict.b),
        '>>>>>>> template\n',
      ];
    })
    .join('');
  return { outcome: conflict ? 'conflict' : text === versions.user ? 'unchanged' : 'merged', text };
}

/** Lines with their ends, so that a missing newline at the end of a file is kept as it is. */
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** A marker has to start a line of its own. */
const closed = (region: readonly string[]): string[] =>
  region.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
