import type { SourceFile } from 'ts-morph';
import type { TextPart } from '../../source/evaluate.ts';
import { findSql, type SqlText } from '../../sql/find-sql.ts';
import { HOLE_NAME } from '../../sql/fill-holes.ts';
import type { TableUse } from '../../sql/read-tables.ts';
import { beginsAsSql, isCatalog, isComputed, lineOfName, tablesOf } from '../../sql/tables-of-text.ts';
import { unreadableSql } from '../../sql/unreadable-sql.ts';
import { declarationsAround } from '../declarations.ts';
import { readDdl, type DdlEvent } from '../schema/read-ddl.ts';
import { relationName } from '../schema/relation-name.ts';
import { accessAt, lineOf, unreadAt, type Effect, type FoundAccess, type ReadContext } from './reader.ts';
import type { Unread } from '../types.ts';

/** SQL in the code of a file. */
export interface SqlFound {
  readonly accesses: readonly FoundAccess[];
  /** Uses by texts that only look like SQL: they count when the table exists. */
  readonly likely: readonly FoundAccess[];
  readonly unread: readonly Unread[];
  readonly ddl: readonly DdlEvent[];
  /** Texts without holes, for functions of the database that they call. */
  readonly texts: readonly {
    readonly sql: string;
    readonly line: number;
    readonly within: readonly string[];
  }[];
}

/** Tables of SQL that is written in the code, and the SQL that cannot be read. */
export function readSql(file: string, source: SourceFile, context: ReadContext): SqlFound {
  const accesses: FoundAccess[] = [];
  const likely: FoundAccess[] = [];
  const unread = unreadableSql(source).map((node) =>
    unreadAt(file, node, 'the text of this SQL is not in the code'),
  );
  const ddl: DdlEvent[] = [];
  const texts: { sql: string; line: number; within: readonly string[] }[] = [];
  for (const text of findSql(source, context.passedNames)) {
    const sql = wholeText(text);
    const events = sql === null ? [] : ddlIn(sql, lineOf(text.node));
    ddl.push(...events);
    if (events.length > 0) continue;
    if (sql !== null) texts.push({ sql, line: lineOf(text.node), within: declarationsAround(text.node) });
    const tables = tablesOf(text) ?? tablesOf(withPlaceholders(text));
    if (tables === null) {
      if (text.certain && beginsAsSql(text))
        unread.push(unreadAt(file, text.node, 'PostgreSQL cannot parse this SQL'));
      continue;
    }
    if (text.certain && tables.some(isComputed))
      unread.push(unreadAt(file, text.node, 'a variable holds the name of a table in this SQL'));
    for (const table of tables.filter(isTable)) {
      const found = accessAt(file, text.node, relationName(table.schema, table.name), effectOf(table));
      const line = lineOfName(text.node, table.name) ?? found.line;
      (text.certain ? accesses : likely).push({ ...found, line, sql });
    }
  }
  return { accesses, likely, unread, ddl, texts };
}

const effectOf = ({ write, insert }: TableUse): Effect =>
  insert === true ? 'insert' : write === true ? 'write' : 'read';

const isTable = (use: TableUse): boolean =>
  !use.temporary && use.cast !== true && !isCatalog(use) && !isComputed(use);

const wholeText = ({ parts }: SqlText): string | null =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : null;

function ddlIn(sql: string, start: number): readonly DdlEvent[] {
  if (!/\b(create|alter|drop)\b/i.test(sql)) return [];
  try {
    return readDdl(sql).map((event) =>
      'line' in event ? { ...event, line: event.line + start - 1 } : event,
    );
  } catch {
    return [];
  }
}

/** `?`, `??` and `:name` of query builders, and quotes of MySQL, in PostgreSQL's own syntax. */
function withPlaceholders({ parts, choices, ...rest }: SqlText): SqlText {
  return { ...rest, parts: parts.map(inPostgres), choices: choices.map((choice) => choice.map(inPostgres)) };
}

const inPostgres = (part: TextPart): TextPart =>
  typeof part === 'string'
    ? part
        .replaceAll('`', '"')
        .replaceAll('??', HOLE_NAME)
        .replace(/\?(?![|&?])/g, '$1')
        .replace(/(?<![:\w]):(?=[A-Za-z_])\w+/g, '$1')
    : part;
