import type { DatabaseLocale, ExtractionPlan, FenceSpec, Fingerprint, WorkOptions } from '../api.ts';

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
