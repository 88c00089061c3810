import type { Oid } from './catalog.ts';

// What belongs to one table and goes with it.

export interface Constraint {
  readonly oid: Oid;
  readonly name: string;
  /** c: check, p: primary key, u: unique, x: exclusion, f: foreign key, n: not null (from PostgreSQL 18 on), t: trigger. */
  readonly kind: 'c' | 'p' | 'u' | 'x' | 'f' | 'n' | 't';
  readonly table: Oid | null;
  readonly domain: Oid | null;
  readonly definition: string;
  readonly validated: boolean;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly isLocal: boolean;
  readonly inheritCount: number;
  readonly parent: Oid | null;
  readonly index: Oid | null;
  readonly refersTo: Oid | null;
  readonly columnNumbers: readonly number[];
  readonly noInherit: boolean;
  /** Counts the rows that a foreign key was never made to look at and that refer to nothing. */
  readonly orphans: string | null;
  /** A key over a period: it cannot be made from an index. */
  readonly period: boolean;
}

export interface Index {
  readonly oid: Oid;
  readonly name: string;
  readonly bareName: string;
  readonly table: Oid;
  readonly definition: string;
  readonly clustered: boolean;
  readonly replicaIdentity: boolean;
  readonly valid: boolean;
  readonly constraint: Oid | null;
  readonly parent: Oid | null;
  readonly tablespace: string | null;
  readonly statistics: readonly { readonly position: number; readonly target: number }[];
}

export interface Trigger {
  readonly oid: Oid;
  readonly name: string;
  readonly table: Oid;
  readonly definition: string;
  /** O: enabled, D: disabled, R: replica, A: always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  readonly parent: Oid | null;
  readonly parentEnabled: 'O' | 'D' | 'R' | 'A' | null;
  readonly functionOid: Oid;
}

export interface Rule {
  readonly oid: Oid;
  readonly name: string;
  readonly relation: Oid;
  readonly definition: string;
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  readonly isReturn: boolean;
}

export interface Policy {
  readonly oid: Oid;
  readonly name: string;
  readonly table: Oid;
  readonly permissive: boolean;
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}
