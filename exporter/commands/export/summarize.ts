import type { GateResult } from '../../../contracts/gates.ts';
import type { CutoverResult, ExportSummary } from '../../../contracts/job.ts';
import type { Plan } from '../../../contracts/plan.ts';

/** What is known of an export at its end. */
export interface EndOfExport {
  readonly plan: Pick<Plan, 'runtime' | 'cutover'>;
  /** Values that were kept with the job. */
  readonly kept: Readonly<Record<string, unknown>>;
  readonly gates: readonly Pick<GateResult, 'outcome'>[];
  /** Milliseconds from the write fence to the route; `null` without a fence. */
  readonly fencedMs: number | null;
}

/** What a completed export tells about itself. Pure. */
export function summarize({ plan, kept, gates, fencedMs }: EndOfExport): ExportSummary {
  const addresses = (kept['summary'] ?? {}) as Partial<ExportSummary>;
  const cutover = kept['cutover'] as CutoverResult | undefined;
  const compared = kept['fingerprints'] as Readonly<Record<string, { readonly rows: number }>> | undefined;
  const comparedRows =
    compared === undefined ? null : Object.values(compared).reduce((sum, { rows }) => sum + rows, 0);
  const calls = kept['contractCalls'];
  const count = (outcome: GateResult['outcome']): number => gates.filter((g) => g.outcome === outcome).length;
  return {
    name: addresses.name ?? '',
    serviceUrl: addresses.serviceUrl ?? '',
    gatewayUrl: addresses.gatewayUrl ?? '',
    webUrl: addresses.webUrl ?? '',
    databaseName: addresses.databaseName ?? null,
    runtime: plan.runtime,
    cutover: plan.cutover,
    // A verified copy behind a fence has the rows of its source
    movedRows: cutover?.copiedRows ?? comparedRows,
    verifiedRows: cutover?.verifiedRows ?? comparedRows,
    contractCalls: typeof calls === 'number' ? calls : null,
    checksPassed: count('passed'),
    checksNotRun: count('not-run'),
    pauseMs: cutover?.pauseMs ?? fencedMs,
  };
}
