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
