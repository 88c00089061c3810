import type { Finding } from '../contracts/plan.ts';
import type { MakeFinding } from './findings.ts';

/** A place in the code that needs a file. */
export interface FileUse {
  readonly file: string;
  readonly line: number;
  /** The needed file, relative to the repository. */
  readonly needs: string;
  /** How the code names it. */
  readonly text: string;
}

/** Results of builds and files of the system, which no tool needs. */
const NOT_SOURCE = /(^|\/)(node_modules|dist|coverage|\.angular|\.DS_Store)(\/|$)/;

/**
 * Findings of files that git ignores: an error where code needs one, because the exported commit does not hold it; a
 * warning for every other one in the tool.
 *
 * @param ignored files and, with a slash at the end, folders; relative to the repository
 */
export function ignoredFindings(
  ignored: readonly string[],
  input: {
    readonly uses: readonly FileUse[];
    /** Whether a path belongs to this part of the tool. */
    readonly isOwn: (file: string) => boolean;
    readonly error: MakeFinding;
    readonly warning: MakeFinding;
  },
): readonly Finding[] {
  const covers = (entry: string, file: string): boolean =>
    entry.endsWith('/') ? `${file}/`.startsWith(entry) : entry === file;
  const isIgnored = (file: string): boolean => ignored.some((entry) => covers(entry, file));
  const uses = input.uses.filter(({ file, needs }) => isIgnored(needs) && !isIgnored(file));
  const unused = ignored.filter(
    (entry) =>
      input.isOwn(entry) && !NOT_SOURCE.test(entry) && !uses.some(({ needs }) => covers(entry, needs)),
  );
  return [
    ...uses.map(({ file, line, needs, text }) =>
      input.error({
        code: 'code-ignored-file',
        file,
        line,
        message: `${text}, which git ignores: the exported commit does not hold it.`,
        remedy: `Commit it (git add --force ${needs}) and take it out of .gitignore, or remove this use of it.`,
      }),
    ),
    ...unused.map((file) =>
      input.warning({
        code: 'code-ignored-file',
        file,
        message: `Git ignores ${file}, so it is not exported.`,
        remedy: `If the exported app needs it, commit it: git add --force ${file}`,
      }),
    ),
  ];
}
