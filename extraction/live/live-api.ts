import type { DatabaseRef, ExtractionPlan, FenceSpec, Fingerprint, WorkOptions } from '../api.ts';

/**
 * Changes of tables, sent from one database to another by PostgreSQL's logical replication. Publication and slot at
 * `from` and the subscription at `to` have one name.
 */
export type StreamSpec = {
  readonly name: string;
  readonly from: DatabaseRef;
  readonly to: DatabaseRef;
  /** Quoted and qualified: every stored table. */
  readonly tables: readonly string[];
  /**
   * Quoted, by table: the columns that `to` has. With them, the tables at `from` may get more columns, and changes that
   * would break the stream are refused there. Missing in the stream to the service, and in those of older exports.
   */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
};

/** From which side to which a live switch goes, and how long it may take. */
export type SwitchSpec = {
  readonly plan: ExtractionPlan;
  /** Carries the writes of the side that serves before the switch. */
  readonly stream: StreamSpec;
  /** Slot at `stream.to` of the stream that carries the writes after the switch; `null` when there is none. */
  readonly next: string | null;
  /** Closed at `from`, and opened at `to`. */
  readonly fences: { readonly from: FenceSpec; readonly to: FenceSpec };
  /** Its database records whether it serves. */
  readonly service: DatabaseRef;
  /** Both sides stay as they are: only the pair of snapshots is taken, in a pause of the same kind. */
  readonly stays?: true;
  /** Longest time that writes may wait in one attempt. */
  readonly maxPauseMs: number;
  /** Time after which no further attempt is made. */
  readonly timeoutMs: number;
};

/** The way to the tool's callers during a live switch. */
export interface SwitchHooks {
  /** New requests wait, at most `ms`. */
  hold(ms: number): Promise<void>;
  /** They go on to the side that has served before. */
  release(): Promise<void>;
  /** They go on to the other side. */
  route(): Promise<void>;
}

/** A switch that has been made, with a snapshot of both sides from the moment in which neither took writes. */
export interface Switched {
  /** Milliseconds from the first request that waited until requests went on. */
  readonly pauseMs: number;
  readonly attempts: number;
  /**
   * Rows that were ever written at `to`, by the copy and by the stream, as PostgreSQL's statistics counted them in the
   * moment of the switch; `null` when nothing was switched.
   */
  readonly writtenRows: number | null;
  /**
   * Compares every row of the pair of snapshots; writes go on meanwhile.
   * @throws PlatformError `verification-failed` with the first differing rows
   */
  verify(options: WorkOptions): Promise<Readonly<Record<string, Fingerprint>>>;
  /** Ends the snapshots. */
  close(): Promise<void>;
}

/** How far a stream is behind, and how many changes it could not apply. */
export interface StreamLag {
  readonly bytes: number;
  readonly errors: number;
}

/** Copies that follow their source until a switch, either way. Every call is safe to repeat, also after a crash. */
export interface LivePort {
  /** The publication at `from`. */
  publish(stream: StreamSpec): Promise<void>;
  /** Removes publication and slot, with the changes that have not been read. */
  unpublish(stream: StreamSpec): Promise<void>;
  /** Tables and columns that `from` got since it was published, which do not reach `to`. */
  additions(stream: StreamSpec): Promise<readonly string[]>;
  /** Keeps the changes at `from` from now on. */
  reserveSlot(stream: StreamSpec, options: WorkOptions): Promise<void>;
  /**
   * Creates the slot anew, copies the tables as they were at its beginning, and compares every row of that moment.
   * Returns the number of rows.
   */
  copyAtSlot(plan: ExtractionPlan, stream: StreamSpec, options: WorkOptions): Promise<number>;
  /** Lets `to` follow `from`, at its present address. @throws PlatformError `database-unreachable` between the two servers */
  subscribe(stream: StreamSpec): Promise<void>;
  /** Whether `to` could follow `from`. Changes nothing. @throws what `subscribe` would */
  trySubscription(stream: StreamSpec): Promise<void>;
  unsubscribe(stream: StreamSpec): Promise<void>;
  /** Lets `to` stand still until `subscribe`: the changes since are kept. Resolves when nothing is being applied. */
  pause(stream: StreamSpec): Promise<void>;
  /** Bytes that `to` has not confirmed of what `from` had written at the call, after at most `ms`; `null` without a stream. */
  lagAfter(stream: StreamSpec, ms: number): Promise<StreamLag | null>;
  /** Whether `to` follows `from`. */
  isSubscribed(stream: StreamSpec): Promise<boolean>;
  /** Waits until `to` lags by little. @throws PlatformError `switch-timeout` after `timeoutMs`, `step-failed` */
  catchUp(stream: StreamSpec, timeoutMs: number, options: WorkOptions): Promise<void>;
  /** Lets the service start the tool while the monolith serves, so that it answers. Writers are refused as before. */
  startTool(service: DatabaseRef): Promise<void>;
  /** Lets writers of the service pass its fence. */
  openService(fence: FenceSpec, service: DatabaseRef): Promise<void>;
  /** Whether the service serves, or has served, behind a live switch. */
  isSwitched(service: DatabaseRef): Promise<boolean>;
  /** Records that the service does not serve. */
  withdrawSwitch(service: DatabaseRef): Promise<void>;
  /**
   * Waits until `to` has caught up; then closes `from` for writes, waits for the last change, sets sequences, opens `to`
   * and routes. An attempt that would take longer than the longest pause is given up: writes go on, and it is tried again.
   *
   * @throws PlatformError `switch-timeout` with the reason; `from` serves then as before
   */
  switchOver(spec: SwitchSpec, hooks: SwitchHooks, options: WorkOptions): Promise<Switched>;
}
