/** Object identifier. Travels as text. */
export type Oid = string;

/** `pg_class:16384`: one object of any kind, as pg_depend addresses it. */
export type Key = `${string}:${Oid}`;

export interface Grant {
  /** Quoted role, or `PUBLIC`. */
  readonly grantee: string;
  readonly grantor: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** Every object that can be created by a statement of its own. */
export interface DatabaseObject {
  readonly oid: Oid;
  /** Qualified where the kind lives in a schema. */
  readonly name: string;
  /** Quoted schema; empty where the kind has none. */
  readonly schema: string;
  /** Quoted role; empty where the kind has no owner. */
  readonly owner: string;
  /** `null`: the defaults of the kind. */
  readonly acl: readonly Grant[] | null;
}
