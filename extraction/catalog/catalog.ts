import type { Bystander } from './bystanders.ts';
import type { DatabaseLocale } from './database.ts';
import type { ExtensionPrivilege } from './extension-privileges.ts';
import type { Constraint } from './constraints.ts';
import type { Dependency } from './dependencies.ts';
import type { FunctionObject } from './functions.ts';
import type { Index } from './indexes.ts';
import type { Key, Oid } from './object.ts';
import type { PlainObject } from './plain.ts';
import type { Relation } from './relations.ts';
import type { DefaultAcl, Extension, SchemaObject } from './schemas.ts';
import type { SequenceObject } from './sequences.ts';
import type { Policy, Rule, Statistics, Trigger } from './triggers.ts';
import type { TypeObject } from './types.ts';

export type { Bystander } from './bystanders.ts';
export type { Constraint } from './constraints.ts';
export type { DatabaseLocale } from './database.ts';
export type { Dependency } from './dependencies.ts';
export type { ExtensionPrivilege } from './extension-privileges.ts';
export type { BodyReferences, FunctionObject } from './functions.ts';
export type { Index } from './indexes.ts';
export type { Grant, Key, Oid, DatabaseObject } from './object.ts';
export type { PlainObject } from './plain.ts';
export type { Column, Relation } from './relations.ts';
export type { ConfigurationTable, DefaultAcl, Extension, SchemaObject } from './schemas.ts';
export type { SequenceObject } from './sequences.ts';
export type { Policy, Rule, Statistics, Trigger } from './triggers.ts';
export type { TypeObject } from './types.ts';

/**
 * The catalogs of a PostgreSQL database as plain JSON. Every `name` is SQL text: qualified and quoted by the server,
 * so that it can stand in a statement unchanged.
 */
export interface Catalog {
  readonly server: DatabaseLocale & {
    /** 150004 */
    readonly version: number;
    readonly database: string;
    readonly user: string;
    readonly superuser: boolean;
    /** Search path of a plain connection of this user. */
    readonly searchPath: readonly string[];
    /** `default_text_search_config` of a plain connection. */
    readonly textSearchConfig: string;
  };
  readonly schemas: readonly SchemaObject[];
  readonly extensions: readonly Extension[];
  readonly extensionPrivileges: readonly ExtensionPrivilege[];
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
