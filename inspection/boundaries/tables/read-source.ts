import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FileFacts } from '../read-file.ts';
import { createSchemaBuilder, type SchemaBuilder } from '../schema/collect-schema.ts';
import { ddlOfModels, readPrismaModels, type PrismaModel } from '../schema/prisma-schema.ts';
import { readDdl } from '../schema/read-ddl.ts';
import { withDatabase } from '../schema/with-database.ts';
import type { DatabaseFacts, Schema, Source, Unread } from '../types.ts';
import type { FoundAccess } from './reader.ts';
import type { SqlFound } from './sql.ts';

/** Packages that reach tables by means that are not read. */
const UNREAD_PACKAGES = new Set([
  ...['typeorm', 'objection', 'bookshelf', 'mongoose', 'mongodb', 'massive', 'slonik', 'waterline'],
  ...['@mikro-orm/core', '@mikro-orm/postgresql', 'sequelize-typescript'],
]);

/** Code in these folders changes the schema; it is no use of the tables. */
const MIGRATIONS = /(^|\/)(migrations?|seeds?|seeders)\//;
const DOWN = /[._-](down|undo)\.[^.]+$/i;

export interface TablesOfSource {
  readonly accesses: readonly FoundAccess[];
  readonly unread: readonly Unread[];
  readonly schema: Schema;
}

/** The models of the Prisma files of a source. */
export const prismaModelsOf = (root: string, files: readonly string[]): readonly PrismaModel[] =>
  files
    .filter((file) => file.endsWith('.prisma'))
    .flatMap((file) => readPrismaModels(readFileSync(path.join(root, file), 'utf8')));

export interface TablesRequest {
  readonly source: Source;
  readonly files: readonly string[];
  readonly facts: ReadonlyMap<string, FileFacts>;
  readonly database: DatabaseFacts | null;
}

/** Every table that the code uses, and the schema that migrations, SQL files and models define. */
export function tablesOfSource({ source, files, facts, database }: TablesRequest): TablesOfSource {
  const builder = createSchemaBuilder();
  const unread = unreadPackages(source.graph);
  const accesses: FoundAccess[] = [];
  const running: { readonly file: string; readonly sql: SqlFound }[] = [];
  for (const file of files.filter((one) => !DOWN.test(one))) {
    unread.push(...addText(builder, source.root, file));
    const found = facts.get(file);
    if (found === undefined) continue;
    const isMigration = MIGRATIONS.test(file);
    for (const { ddl, ...uses } of [found.sql, ...found.builders]) {
      // a migration that drops what it makes is written both ways
      for (const event of ddl) if (!(isMigration && event.kind === 'drop')) builder.add(event, file);
      if (isMigration) continue;
      accesses.push(...uses.accesses);
      unread.push(...uses.unread);
    }
    if (!isMigration) running.push({ file, sql: found.sql });
  }
  const schema = withDatabase(builder.build(), database?.schema ?? null);
  for (const { file, sql } of running) {
    const likely = Map.groupBy(
      sql.likely,
      ({ table }) => schema.relations.size === 0 || schema.relations.has(table),
    );
    accesses.push(...(likely.get(true) ?? []), ...functionCalls(file, sql, schema));
    for (const { line, table } of likely.get(false) ?? [])
      unread.push({ file, line, reason: `this text looks like SQL, but nothing defines the table ${table}` });
  }
  return { accesses, unread, schema };
}

/** Adds what an SQL or Prisma file defines. */
function addText(builder: SchemaBuilder, root: string, file: string): readonly Unread[] {
  if (!/\.(sql|prisma)$/.test(file)) return [];
  const text = readFileSync(path.join(root, file), 'utf8');
  try {
    const events = file.endsWith('.sql') ? readDdl(text) : ddlOfModels(readPrismaModels(text));
    for (const event of events) builder.add(event, file);
    return [];
  } catch {
    return [{ file, line: 1, reason: 'PostgreSQL cannot parse this file' }];
  }
}

/** Tables that statements reach through functions of the database. */
function functionCalls(file: string, { texts }: SqlFound, { functions }: Schema): readonly FoundAccess[] {
  const named = [...functions].map(([name, uses]) => ({
    uses,
    call: new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\s*\\(`, 'i'),
  }));
  return texts.flatMap(({ sql, line, within }) =>
    named
      .filter(({ call }) => call.test(sql))
      .flatMap(({ uses }) => uses.map((use) => ({ ...use, file, line, within, sql, creates: false }))),
  );
}

function unreadPackages({ edges }: Source['graph']): Unread[] {
  return edges.flatMap(({ file, line, kind, target }) =>
    kind !== 'type' && target.kind === 'package' && UNREAD_PACKAGES.has(target.name)
      ? [{ file, line, reason: `tables that ${target.name} reaches are not read` }]
      : [],
  );
}
