import type { ClientBase } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import { loadSqlParser } from '../../../contracts/sql-parser.ts';
import { createSchemaBuilder, readDdl, type DatabaseFacts } from '../../../inspection/index.ts';
import { withConnection } from '../../../registry-api/store/with-connection.ts';

const SYSTEM = `NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'`;

/** Tables before keys, and functions before the triggers that call them. */
const RELATIONS = `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND n.nspname ${SYSTEM}
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, 2`;

const KEYS = `SELECT k.conname AS name, n.nspname AS schema, c.relname AS table,
    fn.nspname AS "targetSchema", f.relname AS target
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname ${SYSTEM} ORDER BY 2, 3, 1`;

const FUNCTIONS = `SELECT pg_get_functiondef(p.oid) AS definition
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
 WHERE l.lanname IN ('sql', 'plpgsql') AND p.prokind IN ('f', 'p') AND n.nspname ${SYSTEM}
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY p.oid`;

const TRIGGERS = `SELECT t.tgname AS name, n.nspname AS schema, c.relname AS table, p.proname AS calls
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND n.nspname ${SYSTEM} ORDER BY 2, 3, 1`;

/** Of the whole server's statements, those in this database. */
const STATEMENTS = `SELECT s.query AS sql, sum(s.calls)::float8 AS calls
  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
 WHERE d.datname = current_database() GROUP BY s.query`;

/**
 * Reads the tables, keys, views, triggers and functions of a database, and its statistics of statements when they can be
 * read. Writes nothing: the connection is read-only.
 * @throws PlatformError `database-unreachable`
 */
export async function readDatabase(url: string): Promise<DatabaseFacts> {
  const config = {
    connectionString: url,
    application_name: 'boundaries',
    options: '-c default_transaction_read_only=on',
  };
  await loadSqlParser();
  try {
    return await withConnection(config, async (client) => ({
      schema: await readSchema(client),
      statements: await readStatements(client),
    }));
  } catch (error) {
    throw new PlatformError(
      'database-unreachable',
      `The database of --database cannot be read: ${error instanceof Error ? error.message || error.name : String(error)}. Correct the address, or leave the flag out.`,
      { cause: error },
    );
  }
}

const nameOf = (schema: string, name: string): string => (schema === 'public' ? name : `${schema}.${name}`);

async function readSchema(client: ClientBase): Promise<DatabaseFacts['schema']> {
  const builder = createSchemaBuilder();
  const relations = await client.query<{
    schema: string;
    name: string;
    kind: string;
    definition: string | null;
  }>(RELATIONS);
  for (const { schema, name, definition } of relations.rows) {
    const own = nameOf(schema, name);
    if (definition === null) builder.add({ kind: 'table', name: own, line: 1 }, null);
    else
      for (const event of readDdl(`CREATE VIEW boundary AS ${definition}`))
        builder.add({ ...event, name: own } as typeof event, null);
  }
  const keys = await client.query<{
    name: string;
    schema: string;
    table: string;
    targetSchema: string;
    target: string;
  }>(KEYS);
  for (const { name, schema, table, targetSchema, target } of keys.rows)
    builder.add(
      {
        ...{ kind: 'foreign-key', name, line: 1 },
        from: nameOf(schema, table),
        to: nameOf(targetSchema, target),
      },
      null,
    );
  const functions = await client.query<{ definition: string }>(FUNCTIONS);
  for (const { definition } of functions.rows)
    for (const event of eventsOf(definition)) builder.add(event, null);
  const triggers = await client.query<{ name: string; schema: string; table: string; calls: string }>(
    TRIGGERS,
  );
  for (const { name, schema, table, calls } of triggers.rows)
    builder.add({ kind: 'trigger', name, table: nameOf(schema, table), calls, line: 1 }, null);
  return builder.build();
}

/** A function that the parser of another PostgreSQL version wrote is left out. */
function eventsOf(definition: string): ReturnType<typeof readDdl> {
  try {
    return readDdl(definition);
  } catch {
    return [];
  }
}

/** `null` when the extension is missing or the role may not read it. */
async function readStatements(client: ClientBase): Promise<DatabaseFacts['statements']> {
  try {
    return (await client.query<{ sql: string; calls: number }>(STATEMENTS)).rows;
  } catch {
    return null;
  }
}
