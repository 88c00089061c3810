import { diff3Merge } from 'node-diff3';

/** The three versions of a file; `null` where it does not exist. */
export interface Versions {
  /** As rendered by the old templates. */
  readonly base: string | null;
  /** As it is in the tool. */
  readonly user: string | null;
  /** As rendered by the new templates. */
  readonly template: string | null;
}

export type Outcome =
  | 'unchanged' /** the templates want nothing new, or the user has it already */
  | 'updated' /** the text of the new template; the user had no changes */
  | 'merged' /** both sides' changes */
  | 'conflict' /** both sides changed the same lines: marked in the file */
  | 'added'
  | 'removed' /** the template was deleted, and the user had not edited its file */
  | 'kept'; /** the version of the user wins over the template; listed in the report */

/** A value that both sides changed, and of which the user's is kept. */
export interface KeptValue {
  /** JSON pointer. */
  readonly pointer: string;
  readonly user: unknown;
  readonly template: unknown;
}

export interface MergedFile {
  readonly outcome: Outcome;
  readonly text: string | null;
  /** Conflicts in a file that takes no markers. */
  readonly kept?: readonly KeptValue[];
}

/** Merges a template change into a file that may have been edited or deleted. Pure. */
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
      // Conflict markers of git.
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

/** Lines with their line ends, so that a missing newline at the end of a file is preserved. */
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** A marker must start on its own line. */
const closed = (region: readonly string[]): string[] =>
  region.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
