import type { ImportGraph } from '../source/import-graph.ts';

/** Stands for all code outside the modules. */
export const SHARED = '(shared)';

export type Access = 'read' | 'write';

export const COUPLING_KINDS = [
  'import',
  'table',
  'foreign-key',
  'view',
  'trigger',
  'session',
  'state',
] as const;
export type CouplingKind = (typeof COUPLING_KINDS)[number];

/** A folder of the application that could become a service. */
export interface Module {
  readonly name: string;
  /** Relative to the source, POSIX separators, as everywhere below. */
  readonly folder: string;
}

export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** What one module has to do with another, in one file. */
export interface Coupling {
  readonly kind: CouplingKind;
  readonly from: string;
  /** The owner of what is used. */
  readonly to: string;
  /** The imported file, the table, the constraint, `view -> table`, the session key, or the variable. */
  readonly name: string;
  /** `null` for imports and database objects. */
  readonly access: Access | null;
  /** `null` when only the database knows the object. */
  readonly file: string | null;
  /** Sorted; empty when `file` is `null`. */
  readonly lines: readonly number[];
  /** The place in shared code that uses the table for the module; `null` when the module does so itself. */
  readonly through: Place | null;
  /** Calls of the statements according to pg_stat_statements; `null` when not known. */
  readonly calls: number | null;
}

/** A use of a table by code. */
export interface TableAccess extends Place {
  /** `schema.name`, without the schema when it is `public`. */
  readonly table: string;
  readonly access: Access;
  /** Inserts rows. */
  readonly creates: boolean;
  /** The SQL, when it was read from one; identifies the statement in pg_stat_statements. */
  readonly sql: string | null;
}

/** Code whose tables could not be determined. */
export interface Unread extends Place {
  readonly reason: string;
}

/** A foreign key, view or trigger that ties one table to another. */
export interface SchemaLink {
  readonly kind: 'foreign-key' | 'view' | 'trigger';
  /** Name of the constraint, view or trigger. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly access: Access;
  /** `null` when it comes from the database. */
  readonly place: Place | null;
}

export interface Relation {
  readonly kind: 'table' | 'view';
  /** `null` when it comes from the database. */
  readonly place: Place | null;
}

export interface Schema {
  readonly relations: ReadonlyMap<string, Relation>;
  readonly links: readonly SchemaLink[];
  /** Tables that a function of the database uses, by its name. */
  readonly functions: ReadonlyMap<string, readonly { readonly table: string; readonly access: Access }[]>;
}

/** The parsed source of an application. */
export interface Source {
  readonly root: string;
  readonly modules: readonly Module[];
  readonly graph: ImportGraph;
  /** The module of a file, or {@link SHARED}. */
  readonly moduleOf: (file: string) => string;
}

/** What a database adds to the analysis. */
export interface DatabaseFacts {
  readonly schema: Schema;
  /** `null` when pg_stat_statements cannot be read. */
  readonly statements: readonly { readonly sql: string; readonly calls: number }[] | null;
}
