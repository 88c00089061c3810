import type { Cutover, Finding, Plan, Runtime, StepId } from './plan.ts';

export const JOB_STATUSES = [
  'pending',
  'in_progress',
  'completed',
  'failed',
  'rolled_back',
  'cancelled',
  'interrupted',
  'rollback_failed',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** How an export itself ended, whatever was rolled back since. */
export const JOB_OUTCOMES = ['completed', 'failed', 'cancelled', 'interrupted'] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** Message of a job that a user has cancelled. */
export const CANCELLED_BY_REQUEST = 'Cancelled by a request through the dashboard or the API';

/** Statuses in which a job has, or may have, effects to roll back. */
export const UNDOABLE_STATUSES: readonly JobStatus[] = [
  'completed',
  'failed',
  'interrupted',
  'rollback_failed',
];

/** Whether a job has changes that can be rolled back, and no rollback undoes them already. */
export const isUndoable = (job: Pick<Job, 'status' | 'finalizedAt' | 'rollback' | 'openChanges'>): boolean =>
  UNDOABLE_STATUSES.includes(job.status) &&
  job.openChanges > 0 &&
  job.finalizedAt === null &&
  !isRollingBack(job);

/** Whether a requested rollback has not ended. Its job keeps its status until the rollback has taken the tool's lock. */
export const isRollingBack = ({ rollback }: Pick<Job, 'rollback'>): boolean =>
  rollback !== null && rollback.endedAt === null;

/** Whether an export or a rollback of the job is requested or at work. */
export const isAtWork = (job: Pick<Job, 'status' | 'rollback'>): boolean =>
  RUNNING_STATUSES.includes(job.status) || isRollingBack(job);

/** Statuses of a job that is not finished. */
export const RUNNING_STATUSES: readonly JobStatus[] = ['pending', 'in_progress'];

export type StepStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped' | 'rolled_back';

export interface JobStep {
  readonly id: StepId;
  readonly title: string;
  readonly status: StepStatus;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** Milliseconds; `null` until the step ends. */
  readonly ms: number | null;
}

export type LogLevel = 'debug' | 'info' | 'success' | 'warning' | 'error';

export interface JobLog {
  /** Increases by 1 with every line; event id of the stream, for `Last-Event-ID`. */
  readonly seq: number;
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly step: StepId | null;
  readonly message: string;
}

/** Phases of a live cut-over. `waiting`: for transactions, before the copy and between attempts to switch. */
export const CUTOVER_PHASES = ['copying', 'catching up', 'waiting', 'switching', 'verifying'] as const;
export type CutoverPhase = (typeof CUTOVER_PHASES)[number];

/** Progress of the running step. `total` 0: unknown. */
export interface JobProgress {
  readonly step: StepId;
  /** Of a live cut-over. */
  readonly phase?: CutoverPhase;
  /** The current table, file or image. */
  readonly target: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'rows' | 'bytes' | 'files' | 'changes';
  /** Bytes copied so far, when `unit` is not bytes. */
  readonly bytes?: number;
  /** 0 to 99, of the work that `unit` counts; a step that has ended has no progress. */
  readonly percent: number;
  /** Estimated seconds left; `null`: unknown. */
  readonly etaSeconds: number | null;
}

export interface JobOptions {
  readonly dryRun: boolean;
  readonly runtime: 'auto' | Runtime;
  readonly cutover: 'auto' | Cutover;
  /** Ignores uncommitted files that the export neither reads nor writes. */
  readonly allowDirty?: boolean;
}

/** How an export is switched: its mode from the plan on, all else once a live one has been switched and compared. */
export type CutoverResult = { readonly mode: Cutover } & Partial<LiveSwitchResult>;

/** `null`: unknown. */
export interface LiveSwitchResult {
  /** Milliseconds for which writes waited. */
  readonly pauseMs: number;
  readonly attempts: number;
  readonly copiedRows: number | null;
  /**
   * Rows that were inserted, updated and deleted in the copy to follow the monolith, as PostgreSQL's statistics count
   * them: those of the last second before the switch may be missing.
   */
  readonly appliedChanges: number | null;
  /** Rows that were compared after the switch. */
  readonly verifiedRows: number;
  /** Answers that were compared before the switch; missing when none had to be. */
  readonly shadow?: ShadowResult;
}

/** Answers to GET requests of a tool, as both sides gave them. */
export type ShadowResult = {
  readonly compared: number;
  readonly differing: number;
  /** The monolith's own answer changes from one moment to the next. */
  readonly unstable: number;
  /** Too large, too many at once, or broken off. */
  readonly skipped: number;
};

/** What a completed export tells about itself. `null`: unknown, or the tool has no tables. */
export interface ExportSummary {
  /** Name of the tool. */
  readonly name: string;
  readonly serviceUrl: string;
  /** Of the API, behind the gateway. */
  readonly gatewayUrl: string;
  readonly webUrl: string;
  readonly databaseName: string | null;
  readonly runtime: Runtime;
  readonly cutover: Cutover;
  readonly movedRows: number | null;
  /** Rows that were compared on both sides, and are equal. */
  readonly verifiedRows: number | null;
  /** Calls that the monolith and the service answer alike. */
  readonly contractCalls: number | null;
  readonly checksPassed: number;
  readonly checksNotRun: number;
  /** Milliseconds for which writes waited. */
  readonly pauseMs: number | null;
}

/** A rollback that a person has requested. */
export interface JobRollback {
  /** A user of the API, or `user@host` of a terminal. */
  readonly actor: string;
  readonly requestedAt: string;
  /** `null` until the rollback ends. */
  readonly endedAt: string | null;
  /** Why it was refused before it has undone anything; `null` for every other rollback. */
  readonly refusal: string | null;
}

/** A job in the API. `logs` is sorted by `seq`. */
export interface Job {
  readonly id: string;
  readonly toolId: string;
  readonly status: JobStatus;
  /**
   * Tells an export that failed and was rolled back from one that a user has rolled back: both have the status
   * `rolled_back`. `null` while the job runs.
   */
  readonly outcome: JobOutcome | null;
  readonly options: JobOptions;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** When `gulp complete` ended the way back: no rollback is possible from then on. */
  readonly finalizedAt: string | null;
  readonly stepsCompleted: number;
  readonly stepsTotal: number;
  readonly steps: readonly JobStep[];
  readonly progress: JobProgress | null;
  /** `null` until the export is planned. */
  readonly result: {
    readonly cutover: CutoverResult;
    /** Of a completed export. Missing for exports of versions that did not keep it. */
    readonly summary?: ExportSummary;
  } | null;
  readonly error: { readonly code: string; readonly message: string; readonly step: StepId | null } | null;
  /** The user who started the job: a user of the API, or `user@host` of a terminal. */
  readonly actor: string;
  /** The user who has cancelled the export; `null` where none has. */
  readonly cancelledBy: string | null;
  /** The latest rollback that was requested; `null` where none was, such as for an export that rolls itself back. */
  readonly rollback: JobRollback | null;
  /** Changes that are made and not undone; what a rollback has to undo. */
  readonly openChanges: number;
  readonly logs: readonly JobLog[];
}

/** A row of the journal: `started` before the effect, `done` after it, `undone` after its rollback. */
export interface JournalEntry {
  readonly seq: number;
  readonly state: 'started' | 'done' | 'undoing' | 'undone';
  readonly change: Plan['changes'][number];
}

/** A change in the report of a command. */
export interface ReportedChange {
  readonly step: string;
  readonly target: string;
  readonly summary: string;
  /** Of a rollback: the kind of the change, and the phase that undoes it. */
  readonly kind?: string;
  readonly phase?: string;
}

/** `result` of the report of a rollback's dry run. */
export interface RollbackPreview {
  /** Rows that the service has added, changed or removed since the cut-over. */
  readonly writtenRows: number;
}

/** Result of a command with `--json`. */
export interface CommandReport {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly jobId?: string;
  readonly findings: readonly Finding[];
  /** Planned changes of an export; of a rollback, what it undoes, in its order. */
  readonly changes: readonly ReportedChange[];
  readonly steps: readonly { readonly id: string; readonly status: string; readonly ms: number | null }[];
  readonly result?: unknown;
}
