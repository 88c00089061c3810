import type { CutoverPhase, LogLevel } from '../contracts/job.ts';
import type { DatabaseLocale } from './catalog/database.ts';
import type { ExtractionPlan, Statement } from './plan/plan.ts';

export type { DatabaseLocale, ExtractionPlan, Statement };

/** How far long-running work is. */
export interface Progress {
  /** Of a live cut-over. */
  readonly phase?: CutoverPhase;
  readonly target: string;
  readonly done: number;
  /** 0 when unknown. */
  readonly total: number;
  readonly unit: 'rows' | 'bytes' | 'files' | 'changes';
  /** Bytes copied so far, where rows are counted. */
  readonly bytes?: number;
}

export interface ProgressPort {
  log(level: LogLevel, message: string): void;
  progress(progress: Progress): void;
}

/** Generated passwords by name. */
export interface SecretStore {
  /** Creates the secret on first use. Safe to call twice. */
  ensure(name: string): Promise<string>;
  /** @throws when it does not exist. */
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
}

/**
 * The server of the new database: the source's server, or a server of its own in Docker. `secret` names the password of
 * that server's superuser.
 */
export type ServerRef =
  | { readonly kind: 'source' }
  | {
      readonly kind: 'own';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly secret: string;
    };

/** A database on a server. */
export type DatabaseRef = { readonly server: ServerRef; readonly database: string };

export type RoleSpec = {
  /** Unquoted. */
  readonly name: string;
  readonly login: boolean;
  /** Name of its password in the secret store; `null` for a role that cannot log in. */
  readonly secret: string | null;
  /** Roles that it is a member of, unquoted. */
  readonly memberOf: readonly string[];
  /** Role that its sessions act as in the new database, so that this role owns the objects that they create. */
  readonly actsAs: string | null;
  /** Most connections at once; missing for no limit. */
  readonly connectionLimit?: number;
};

export type DatabaseSpec = DatabaseLocale & {
  readonly at: DatabaseRef;
  readonly owner: string;
  /** Roles that can connect, besides the owner. */
  readonly connect: readonly string[];
};

export type FenceSpec = {
  readonly toolId: string;
  /** For the message to refused writers. */
  readonly toolName: string;
  /** The service that owns the tables now. */
  readonly takenOverBy: string;
  /** Quoted and qualified, with every partition. */
  readonly tables: readonly string[];
  /** What refused writers read instead, where no rollback of an export opens the fence again. */
  readonly refusal?: { readonly message?: string; readonly hint: string };
};

/** Content of one table when it was verified. */
export type Fingerprint = { readonly rows: number; readonly checksum: string };

/** Rows that the service has written into one table since the switch. A partition tree counts as one table. */
export type WrittenTable = {
  readonly name: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** The first few, by key. */
  readonly examples: readonly string[];
};

/** A reason why rows of the service cannot be synced back. */
export type SyncConflict = { readonly object: string; readonly message: string };

export type ServiceWrites = {
  readonly tables: readonly WrittenTable[];
  /** Sequences that are further in the service. */
  readonly sequences: readonly string[];
  /** Tables that were changed in the source alone. They are left unchanged. */
  readonly sourceOnly: readonly string[];
  readonly conflicts: readonly SyncConflict[];
};

/** The synced writes, with the fingerprints of the source's tables after the sync. */
export type SyncedBack = ServiceWrites & { readonly fingerprints: Readonly<Record<string, Fingerprint>> };

export type SyncBackSpec = {
  readonly plan: ExtractionPlan;
  /** The service's database. */
  readonly at: DatabaseRef;
  /** Fingerprints at the switch; `null` when they are unknown. */
  readonly recorded: Readonly<Record<string, Fingerprint>> | null;
};

/** Options of long-running work. */
export interface WorkOptions {
  readonly signal: AbortSignal;
  readonly report: ProgressPort;
}

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

/** An archive of tables: what is written, and where. */
export type ArchiveSpec = {
  readonly toolId: string;
  readonly jobId: string;
  /** Absolute. */
  readonly folder: string;
  readonly plan: ExtractionPlan;
  /** Database in which the archive is loaded to verify it, and its locale. It is dropped afterwards. */
  readonly checkedIn: string;
  readonly locale: DatabaseLocale;
  /** Objects on the tables that the archive cannot hold. */
  readonly remarks: readonly string[];
};

/** `manifest.json` of an archive. */
export type ArchiveManifest = {
  readonly format: 1;
  readonly toolId: string;
  readonly jobId: string;
  /** ISO 8601. */
  readonly archivedAt: string;
  readonly source: ExtractionPlan['source'];
  readonly tables: readonly (Fingerprint & {
    readonly name: string;
    readonly file: string;
    readonly bytes: number;
    /** Of the file. */
    readonly sha256: string;
  })[];
  readonly sequences: Readonly<Record<string, { readonly value: string; readonly called: boolean }>>;
  readonly remarks: readonly string[];
};

/** The archived tables that are dropped, and their fences. */
export type DropSpec = {
  readonly plan: ExtractionPlan;
  /** Absolute folder of the archive. */
  readonly folder: string;
  /** Unquoted role of the tool's migrations, whose other objects are dropped as well. */
  readonly owner: string;
  readonly fences: readonly FenceSpec[];
};

/** `folder`: `null` before there is an archive. */
export type TryDropSpec = Pick<DropSpec, 'plan' | 'owner'> & { readonly folder: string | null };

/** The tables as they are now, planned as an archive. */
export type ArchivedSource = {
  /** `null` without tables. */
  readonly plan: ExtractionPlan | null;
  readonly locale: DatabaseLocale;
  /** Why the tables cannot be archived. */
  readonly obstacles: readonly string[];
  /** Objects outside the tables that would lose them, beside those that PostgreSQL itself knows of. */
  readonly dependents: readonly string[];
  readonly remarks: readonly string[];
};

/** Archives of the source's tables, and the end of these tables. Every call is safe to repeat, also after a crash. */
export interface ArchivePort {
  /** Reads only. `checkedIn`: the database in which the archive will be verified. */
  read(spec: {
    readonly tables: readonly string[];
    readonly checkedIn: string;
    /** The export's own stream, which is no dependent. */
    readonly stream: string | null;
  }): Promise<ArchivedSource>;
  /**
   * Writes the archive, and verifies it by loading it: every row and sequence is compared.
   * @throws PlatformError `verification-failed`
   */
  write(spec: ArchiveSpec, options: WorkOptions): Promise<ArchiveManifest>;
  /** Removes the archive, complete or not. */
  remove(spec: Pick<ArchiveSpec, 'folder' | 'checkedIn'>): Promise<void>;
  /** Tries to drop, and rolls back. Returns the objects that would stay, with the reason. */
  tryDrop(spec: TryDropSpec): Promise<readonly string[]>;
  /**
   * Drops tables and fences in one transaction, if every row is in the archive. Returns the objects that stay.
   * @throws PlatformError `source-in-use`, naming the objects that depend on the tables; nothing has changed then
   */
  drop(spec: DropSpec): Promise<readonly string[]>;
}

/** PostgreSQL, as the database step needs it. Every call is safe to repeat, also after a crash. */
export interface DatabasePort {
  createRoles(server: ServerRef, roles: readonly RoleSpec[]): Promise<void>;
  dropRoles(server: ServerRef, roles: readonly RoleSpec[]): Promise<void>;
  createDatabase(spec: DatabaseSpec): Promise<void>;
  dropDatabase(at: DatabaseRef): Promise<void>;
  /** Refuses writers of the source's tables with SQLSTATE PF503. Waits for running writers, up to a limit. */
  fenceTables(fence: FenceSpec, options: WorkOptions): Promise<void>;
  unfenceTables(fence: FenceSpec): Promise<void>;
  /** The same for the service's database, so that a rollback reads it while it does not change. */
  fenceService(fence: FenceSpec, at: DatabaseRef, options: WorkOptions): Promise<void>;
  unfenceService(fence: FenceSpec, at: DatabaseRef): Promise<void>;
  /** Records in the service's database that the service has taken over from the monolith. Safe to call twice. */
  announceSwitch(at: DatabaseRef): Promise<void>;
  /** Rows that the service has and the source lacks. Changes nothing. */
  readServiceWrites(spec: SyncBackSpec, options: WorkOptions): Promise<ServiceWrites>;
  /**
   * Reverse sync: makes the source's tables equal to the service's, in one transaction under the fence. `confirm` runs
   * right before the commit, and throws to prevent it.
   * @throws PlatformError `bring-back-refused`, naming every conflict; nothing has changed then.
   */
  syncBack(
    spec: SyncBackSpec,
    options: WorkOptions & { readonly confirm: () => Promise<void> },
  ): Promise<SyncedBack>;
  /** Continues the work of an earlier process. Returns the number of rows. */
  copyTables(plan: ExtractionPlan, into: DatabaseRef, options: WorkOptions): Promise<number>;
  /** Drops the copied objects, if the database exists. */
  removeCopies(plan: ExtractionPlan, from: DatabaseRef): Promise<void>;
  /** @throws PlatformError `verification-failed` with the first differing rows. */
  verifyTables(
    plan: ExtractionPlan,
    at: DatabaseRef,
    options: WorkOptions,
  ): Promise<Readonly<Record<string, Fingerprint>>>;
}
