import type { Node, SourceFile } from 'ts-morph';
import { declarationsAround } from '../declarations.ts';
import type { DdlEvent } from '../schema/read-ddl.ts';
import type { PrismaModel } from '../schema/prisma-schema.ts';
import type { Access, TableAccess, Unread } from '../types.ts';

/** A use of a table, with the declarations around it. */
export interface FoundAccess extends TableAccess {
  readonly within: readonly string[];
}

/** What the readers of one library find in one file. */
export interface Found {
  readonly accesses: readonly FoundAccess[];
  readonly unread: readonly Unread[];
  readonly ddl: readonly DdlEvent[];
}

export interface ReadContext {
  /** Packages that any file of the source imports. */
  readonly packages: ReadonlySet<string>;
  /** Names of constants and functions that any file passes to the database. */
  readonly passedNames: ReadonlySet<string>;
  readonly prismaModels: readonly PrismaModel[];
}

/** Reads the tables of one library in one file. */
export type TableReader = (file: string, source: SourceFile, context: ReadContext) => Found;

export const NOTHING: Found = { accesses: [], unread: [], ddl: [] };

/** An insert is a write that creates rows, which decides who owns a table. */
export type Effect = Access | 'insert';

export const accessAt = (file: string, node: Node, table: string, effect: Effect): FoundAccess => ({
  ...{ file, table, sql: null },
  within: declarationsAround(node),
  line: lineOf(node),
  access: effect === 'insert' ? 'write' : effect,
  creates: effect === 'insert',
});

export const unreadAt = (file: string, node: Node, reason: string): Unread => ({
  file,
  line: lineOf(node),
  reason,
});

export const lineOf = (node: Node): number => node.getStartLineNumber();

/** `schema.table as alias` -> `schema.table`, without the schema when it is `public`; `null` for other texts. */
export function tableOfName(text: string): string | null {
  const [, name] =
    /^\s*((?:[\w$]+\.)?[\w$]+)(?:\s+(?:as\s+)?[\w$]+)?\s*$/i.exec(text.replaceAll('"', '')) ?? [];
  return name === undefined ? null : name.replace(/^public\./, '');
}
