import type { Connected, Opened, Planned, Running } from '../../engine/states.ts';

/** An export under way, as far as it has come. A dry run that the API has started has a job, and no journal. */
export type ExportState =
  | { readonly phase: 'opened'; readonly run: Opened & JobOfRun }
  | { readonly phase: 'connected'; readonly run: Connected & JobOfRun }
  | { readonly phase: 'dry'; readonly run: Planned & JobOfRun }
  | { readonly phase: 'running'; readonly run: Running };

/** `null`: a dry run from a terminal, or a resumption whose job is not found yet. */
export interface JobOfRun {
  readonly jobId: string | null;
}
