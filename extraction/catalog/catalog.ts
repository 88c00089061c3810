/**
 * What the catalogs of a PostgreSQL database say, as plain JSON. Every `name` is SQL text: qualified, and quoted by the
 * server's own rules, so that it can stand in a statement as it is. Oids travel as text.
 */
export type Oid = string;

import type { Constraint, Index, Policy, Rule, Trigger } from './catalog-parts.ts';

export type { Constraint, Index, Policy, Rule, Trigger };

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
export interface Thing {
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

export interface Column {
  readonly number: number;
  /** Quoted. */
  readonly name: string;
  readonly rawName: string;
  /** With typmod. */
  readonly type: string;
  readonly typeOid: Oid;
  readonly notNull: boolean;
  /** Collation, qualified, when it is not the type's own. */
  readonly collation: string | null;
  readonly identity: '' | 'a' | 'd';
  readonly generated: '' | 's' | 'v';
  /** When it is not the type's own. */
  readonly storage: 'p' | 'e' | 'x' | 'm' | null;
  readonly compression: 'p' | 'l' | null;
  readonly statistics: number | null;
  readonly options: readonly string[];
  readonly isLocal: boolean;
  readonly inheritCount: number;
  /** Default or generation expression. */
  readonly expression: string | null;
  readonly expressionOid: Oid | null;
  readonly acl: readonly Grant[] | null;
}

/** p: partitioned, r: table, v: view, m: materialized view, f: foreign, S: sequence, c: composite type. */
export type RelationKind = 'r' | 'p' | 'v' | 'm' | 'f' | 'c';

export interface Relation extends Thing {
  readonly kind: RelationKind;
  /** Unquoted, for looking names up. */
  readonly rawName: string;
  readonly rawSchema: string;
  /** Quoted, without the schema. */
  readonly bareName: string;
  readonly persistence: 'p' | 'u' | 't';
  readonly isPartition: boolean;
  readonly partitionKey: string | null;
  /** Hash partitioning by an enum: rows may belong elsewhere in the target. */
  readonly hashOnEnum: boolean;
  readonly partitionBound: string | null;
  readonly parents: readonly Oid[];
  readonly accessMethod: string | null;
  readonly tablespace: string | null;
  readonly options: readonly string[];
  readonly toastOptions: readonly string[];
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i';
  readonly ofType: string | null;
  readonly definition: string | null;
  readonly populated: boolean;
  readonly typeOid: Oid;
  /** Estimate. */
  readonly rows: number;
  readonly bytes: number;
  readonly pages: number;
  readonly columns: readonly Column[];
}

export interface SequenceObject extends Thing {
  readonly rawName: string;
  readonly rawSchema: string;
  readonly persistence: 'p' | 'u' | 't';
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
  /** Column that owns it. */
  readonly ownedBy: {
    readonly table: Oid;
    readonly column: string;
    readonly columnNumber: number;
    readonly identity: boolean;
  } | null;
}

export interface TypeObject extends Thing {
  /** b: base, c: composite, d: domain, e: enum, r: range, m: multirange, p: pseudo. */
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'r' | 'm' | 'p';
  readonly defined: boolean;
  readonly elementOf: Oid | null;
  readonly relation: Oid | null;
  readonly baseType: Oid | null;
  readonly hasSend: boolean;
  readonly labels: readonly string[];
  readonly attributes: readonly { readonly name: string; readonly rawName: string; readonly type: string; readonly typeOid: Oid; readonly number: number; readonly collation: string | null }[]; // prettier-ignore
  readonly domain: {
    readonly base: string;
    readonly collation: string | null;
    readonly notNull: boolean;
    readonly default: string | null;
  } | null;
  readonly range: {
    readonly subtype: string;
    readonly subtypeOid: Oid;
    readonly multirange: string;
    readonly opclass: string | null;
    readonly collation: string | null;
    readonly canonical: string | null;
    readonly subdiff: string | null;
  } | null;
}

/** What the text of a function's body names. Found by parsing, because pg_depend does not see it. */
export interface BodyReferences {
  readonly relations: readonly Oid[];
  readonly sequences: readonly Oid[];
  readonly functions: readonly Oid[];
  readonly types: readonly Oid[];
  /** Those that somebody made and that it may mean, with the types of their sides that somebody made. */
  readonly operators: readonly { readonly oid: Oid; readonly types: readonly Oid[] }[];
  /** Looks something up in the search path. */
  readonly reliesOnPath: boolean;
  /** Builds statements at run time: what they touch cannot be known. */
  readonly dynamic: boolean;
  /** Puts the name of a sequence together at run time. */
  readonly computesSequence: boolean;
  /** The parser did not understand the body. */
  readonly unparsed: boolean;
}

export interface FunctionObject extends Thing {
  /** With its argument types: `public.f(integer)`. */
  readonly identity: string;
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly language: string;
  readonly trusted: boolean;
  readonly definition: string | null;
  readonly aggregate: string | null;
  /** Its own search path, when it sets one. */
  readonly path: string | null;
  readonly body: BodyReferences;
}

/** A kind whose whole statement the reader can write: collations, operators, casts, text search and their like. */
export interface PlainObject extends Thing {
  /** `pg_collation` and so on. */
  readonly catalog: string;
  /** As COMMENT ON and ALTER … OWNER TO address it: `COLLATION public.x`. */
  readonly address: string;
  readonly statements: readonly string[];
  /** Why it cannot be made; `null` when it can. */
  readonly refusal: string | null;
  readonly ownable: boolean;
}

export interface Statistics extends Thing {
  readonly table: Oid;
  readonly definition: string;
  readonly target: number | null;
}

export interface Extension {
  readonly oid: Oid;
  readonly name: string;
  readonly rawName: string;
  readonly schema: string;
  readonly rawSchema: string;
  readonly version: string;
}

export interface SchemaObject extends Thing {
  readonly rawName: string;
}

export interface DefaultAcl {
  readonly oid: Oid;
  readonly role: string;
  readonly schemaOid: Oid | null;
  readonly schema: string;
  readonly objects: string;
  readonly acl: readonly Grant[];
}

/** `from` needs `to`. Columns are 0 for the whole object. */
export interface Dependency {
  readonly from: Key;
  readonly fromColumn: number;
  readonly to: Key;
  readonly toColumn: number;
  readonly kind: string;
}

/** Things that are not copied but that the reader of a plan must know of. */
export interface Bystander {
  readonly kind: 'publication' | 'subscription' | 'event trigger' | 'database setting' | 'security label';
  readonly name: string;
  readonly tables: readonly Oid[];
  readonly detail: string;
}

export interface Catalog {
  readonly server: {
    /** 150004 */
    readonly version: number;
    readonly database: string;
    readonly encoding: string;
    readonly collate: string;
    readonly ctype: string;
    readonly user: string;
    readonly superuser: boolean;
    /** Schemas in which an unqualified name of this user is looked up. */
    readonly searchPath: readonly string[];
  };
  readonly schemas: readonly SchemaObject[];
  readonly extensions: readonly Extension[];
  /** Member of an extension -> its extension. */
  readonly members: Readonly<Record<Key, Oid>>;
  readonly relations: readonly Relation[];
  readonly sequences: readonly SequenceObject[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly rules: readonly Rule[];
  readonly policies: readonly Policy[];
  readonly types: readonly TypeObject[];
  readonly functions: readonly FunctionObject[];
  readonly plain: readonly PlainObject[];
  readonly statistics: readonly Statistics[];
  readonly defaultAcls: readonly DefaultAcl[];
  readonly bystanders: readonly Bystander[];
  readonly dependencies: readonly Dependency[];
  /** By `key` or `key:column`. */
  readonly comments: Readonly<Record<string, string>>;
}
