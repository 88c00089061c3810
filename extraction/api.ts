import type { LogLevel } from '../contracts/job.ts';
import type { ExtractionPlan, Statement } from './plan/plan.ts';

export type { ExtractionPlan, Statement };

/** How far long-running work is. */
export interface Progress {
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
 * The server that holds the new database: the one of the source, or one of its own on this machine (docker), whose
 * superuser's password is the secret of that name.
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
  /** Raw name. */
  readonly name: string;
  readonly login: boolean;
  /** Name of its password among the secrets; `null` for a role that cannot log in. */
  readonly secret: string | null;
  /** Roles (raw names) that it is a member of. */
  readonly memberOf: readonly string[];
  /** Role that its sessions become in the new database, so that what they make belongs to it. */
  readonly actsAs: string | null;
};

export type DatabaseSpec = {
  readonly at: DatabaseRef;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Roles that may connect, besides the owner. */
  readonly connect: readonly string[];
};

export type FenceSpec = {
  readonly toolId: string;
  /** Name of the tool, for the message. */
  readonly toolName: string;
  /** Where the tool lives from now on. */
  readonly takenOverBy: string;
  /** Quoted and qualified; partitions too. */
  readonly tables: readonly string[];
};

/** What one table held when it was verified. */
export type Fingerprint = { readonly rows: number; readonly checksum: string };

/** What the service has written into one table since the switch, in rows. A tree of partitions counts as one. */
export type WrittenTable = {
  readonly name: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** The first few, by key. */
  readonly examples: readonly string[];
};

/** Why rows of the service have no way home: a conflict, or a table that is no longer the same. */
export type Obstacle = { readonly object: string; readonly message: string };

export type ServiceWrites = {
  readonly tables: readonly WrittenTable[];
  /** Sequences that the service has counted on. */
  readonly sequences: readonly string[];
  /** Tables that were changed in the source alone: they stay as they are. */
  readonly stay: readonly string[];
  readonly obstacles: readonly Obstacle[];
};

/** What came home, and what the source's tables hold since. */
export type BroughtHome = ServiceWrites & { readonly holds: Readonly<Record<string, Fingerprint>> };

/** Which tables, where, and what they held at the switch. */
export type HomewardSpec = {
  readonly plan: ExtractionPlan;
  readonly at: DatabaseRef;
  readonly recorded: Readonly<Record<string, Fingerprint>> | null;
};

/** How long-running work reports and ends. */
export interface WorkOptions {
  readonly signal: AbortSignal;
  readonly report: ProgressPort;
}

/** PostgreSQL, as the database step needs it. Everything is safe to call twice, and after a crash half way. */
export interface DatabasePort {
  createRoles(server: ServerRef, roles: readonly RoleSpec[]): Promise<void>;
  dropRoles(server: ServerRef, roles: readonly RoleSpec[]): Promise<void>;
  createDatabase(spec: DatabaseSpec): Promise<void>;
  dropDatabase(at: DatabaseRef): Promise<void>;
  /** Ordinary writers are refused from then on, with SQLSTATE PF503. Waits for writers that are at work, boundedly. */
  fenceTables(fence: FenceSpec, options: WorkOptions): Promise<void>;
  unfenceTables(fence: FenceSpec): Promise<void>;
  /** The same in the service's database: a rollback looks there with nobody writing. */
  fenceService(fence: FenceSpec, at: DatabaseRef, options: WorkOptions): Promise<void>;
  unfenceService(fence: FenceSpec, at: DatabaseRef): Promise<void>;
  /** What the service holds that the source does not. Changes nothing. */
  readServiceWrites(spec: HomewardSpec, options: WorkOptions): Promise<ServiceWrites>;
  /**
   * Makes the source's tables equal to the service's, in one transaction under the fence. `confirm` is asked right before
   * the commit, and throws to prevent it.
   * @throws PlatformError `bring-back-refused`, naming every obstacle; nothing has changed then.
   */
  bringBack(
    spec: HomewardSpec,
    options: WorkOptions & { readonly confirm: () => Promise<void> },
  ): Promise<BroughtHome>;
  /** Carries on what an earlier process left unfinished. Gives the number of rows. */
  copyTables(plan: ExtractionPlan, into: DatabaseRef, options: WorkOptions): Promise<number>;
  /** Takes the copied objects out of the database again, if the database is there. */
  removeCopies(plan: ExtractionPlan, from: DatabaseRef): Promise<void>;
  /** @throws PlatformError `verification-failed` with the first differing rows. */
  verifyTables(
    plan: ExtractionPlan,
    at: DatabaseRef,
    options: WorkOptions,
  ): Promise<Readonly<Record<string, Fingerprint>>>;
}
