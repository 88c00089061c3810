import { PlatformError } from '../../contracts/errors.ts';
import { registerManifest, type Registration } from '../registration.ts';
import { recoverWrites, writeAll } from '../write/journal.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import { AnswersError, parseAnswers, type PartialAnswers } from './answers.ts';
import { planScaffold, refuseConflicts, type Scaffold } from './scaffold.ts';

export interface ScaffoldOptions {
  /** Repository root. */
  readonly root: string;
  /** Untrusted; see {@link parseAnswers}. */
  readonly answers: PartialAnswers;
  /** Plan without writing. */
  readonly dryRun?: boolean;
  /** Register the tool afterwards. */
  readonly register?: boolean;
  /** Overwrite files that differ. */
  readonly force?: boolean;
}

export interface ScaffoldResult {
  readonly toolId: string;
  /** Every file of the tool; paths relative to the repository. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Paths written, or to be written in a dry run. */
  readonly written: readonly string[];
  /** A diff for `git apply` with the same result as the real run. */
  readonly diff: string;
  /** `null` when not registered: in a dry run, or not requested. */
  readonly registration: Registration | null;
}

/**
 * `create-tool` for programs: scaffolds a tool, all files or none, and registers it.
 *
 * @throws PlatformError `answers-invalid` with every problem; `target-exists`; `registry-unreachable` when the
 * files are written and only the registration is missing. TemplateError naming file and line of the template.
 */
export async function scaffoldTool(options: ScaffoldOptions): Promise<ScaffoldResult> {
  const { root, dryRun = false, register = false, force = false } = options;
  if (!dryRun) recoverWrites(root);
  const scaffold = await planScaffold(valid(options.answers), root, { force });
  if (!force) refuseConflicts(scaffold);
  if (!dryRun) writeAll(root, scaffold.files);
  const registration = dryRun || !register ? null : await registerManifest(scaffold.manifest, root);
  return { ...resultOf(scaffold), registration };
}

function valid(answers: PartialAnswers): ReturnType<typeof parseAnswers> {
  try {
    return parseAnswers(answers);
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    throw new PlatformError('answers-invalid', undefined, { cause: error, errors: error.problems });
  }
}

function resultOf(scaffold: Scaffold): Omit<ScaffoldResult, 'registration'> {
  return {
    toolId: scaffold.answers.id,
    files: scaffold.files.map(({ path, after }) => ({ path, content: after ?? '' })),
    written: scaffold.files.filter((file) => file.before !== file.after).map((file) => file.path),
    diff: unifiedDiff(scaffold.files),
  };
}
