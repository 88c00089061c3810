import pg from 'pg';

/** What a database holds, as text that two moments can be compared by. */
export interface DatabasePicture {
  readonly schema: readonly string[];
  /** Of each table `count checksum`. */
  readonly rows: Readonly<Record<string, string>>;
}

// All but the tests' own breakpoint (journal-breakpoint.ts)
const SCHEMA = `
  SELECT format('%s %s %s', c.relkind, c.oid::regclass, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull) AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal AND tgname <> 'breakpoint'
  UNION ALL SELECT 'function ' || p.oid::regprocedure || md5(prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'breakpoint')
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
  UNION ALL SELECT 'acl ' || oid::regclass || ' ' || relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relacl IS NOT NULL
  ORDER BY 1`;

/** @param except tables whose rows do not count */
export async function databasePicture(client: pg.Client, except?: RegExp): Promise<DatabasePicture> {
  const tables = await column(
    client,
    `SELECT relname AS v FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const rows: Record<string, string> = {};
  for (const table of tables.filter((name) => except?.test(name) !== true))
    rows[table] =
      (
        await column(
          client,
          `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS v FROM ${pg.escapeIdentifier(table)} t`,
        )
      )[0] ?? '';
  return { schema: (await client.query<{ line: string }>(SCHEMA)).rows.map((r) => r.line), rows };
}

/** The same of a database that is connected to for it. */
export async function pictureAt(config: pg.ClientConfig): Promise<DatabasePicture> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return await databasePicture(client);
  } finally {
    await client.end();
  }
}

export async function column(client: pg.Client, sql: string): Promise<string[]> {
  return (await client.query<{ v: string }>(sql)).rows.map((row) => row.v);
}
