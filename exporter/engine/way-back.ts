import { PlatformError } from '../../contracts/errors.ts';

/** Name of the record in the job's memory. The registry reads `finalizedAt` there. */
export const COMPLETION_KEPT_AS = 'completion';

/** What `gulp complete` keeps with the job, from before its first effect on. */
export type CompletionRecord = {
  /** Whether the monolith's tables are dropped, and the tool's code removed, once `ended`. */
  readonly dropSource: boolean;
  readonly removeCode: boolean;
  /** Folder of the archive; `null` for a tool without tables. */
  readonly archive: string | null;
  /** ISO 8601: when the first change began that cannot be undone. From then on no rollback is possible. */
  readonly finalizedAt: string | null;
  readonly ended: boolean;
};

type JobResult = Readonly<Record<string, unknown>> | null;

export const completionOf = (result: JobResult): CompletionRecord | null =>
  (result?.[COMPLETION_KEPT_AS] ?? null) as CompletionRecord | null;

/** @throws PlatformError `job-not-undoable` when `gulp complete` has ended the way back of the job. */
export function refuseEndedWayBack(
  { id, result }: { readonly id: string; readonly result: JobResult },
  toolId: string,
): void {
  const record = completionOf(result);
  if (record === null || record.finalizedAt === null) return;
  throw new PlatformError(
    'job-not-undoable',
    `Job ${id} cannot be rolled back: gulp complete ended the way back of "${toolId}" at ${record.finalizedAt}. ` +
      (record.archive === null
        ? 'Its service keeps serving the tool.'
        : `Its service has the rows; those that the monolith had are in ${record.archive}, whose README.md tells how to load them.`),
  );
}
