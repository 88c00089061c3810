import type { CutoverResult, ExportSummary, Job } from '../../contracts/job.ts';

/** The values of a job's row that its `result` in the API is made from. */
export interface StoredResult {
  readonly cutover: CutoverResult | null;
  /** Until its export has completed, and in exports of earlier versions: addresses only. */
  readonly summary: Partial<ExportSummary> | null;
}

/** The documented part of a stored result; `null` where there is none. */
export function resultOf({ cutover, summary }: StoredResult): Job['result'] {
  if (cutover === null) return null;
  return {
    cutover: cutoverOf(cutover),
    ...(isComplete(summary) ? { summary: summaryOf(summary) } : {}),
  };
}

const isComplete = (summary: StoredResult['summary']): summary is ExportSummary =>
  summary?.checksPassed !== undefined;

const cutoverOf = ({ mode, shadow, ...live }: CutoverResult): CutoverResult => ({
  mode,
  ...(live.pauseMs === undefined
    ? {}
    : {
        pauseMs: live.pauseMs,
        attempts: live.attempts ?? 1,
        copiedRows: live.copiedRows ?? null,
        appliedChanges: live.appliedChanges ?? null,
        verifiedRows: live.verifiedRows ?? 0,
        ...(shadow === undefined ? {} : { shadow }),
      }),
});

const summaryOf = (summary: ExportSummary): ExportSummary => ({
  name: summary.name,
  serviceUrl: summary.serviceUrl,
  gatewayUrl: summary.gatewayUrl,
  webUrl: summary.webUrl,
  databaseName: summary.databaseName,
  runtime: summary.runtime,
  cutover: summary.cutover,
  movedRows: summary.movedRows,
  verifiedRows: summary.verifiedRows,
  contractCalls: summary.contractCalls,
  checksPassed: summary.checksPassed,
  checksNotRun: summary.checksNotRun,
  pauseMs: summary.pauseMs,
});
