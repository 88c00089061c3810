import { createHash } from 'node:crypto';
import pg from 'pg';
import { listProcesses } from '../../exporter/adapters/processes/list-processes.ts';
import type { Lab } from './lab.ts';

/** Everything an export could leave behind, as text that two moments can be compared by. */
export interface Fingerprint {
  readonly git: string;
  readonly databases: readonly string[];
  readonly roles: readonly string[];
  readonly slots: readonly string[];
  readonly schema: readonly string[];
  readonly rows: Readonly<Record<string, string>>;
  readonly registry: readonly unknown[];
  readonly routes: readonly unknown[];
  readonly processes: readonly string[];
}

// All but the tests' own gate (journal-gate.ts)
const SCHEMA = `
  SELECT format('%s %s %s', c.relkind, c.oid::regclass, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull) AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal AND tgname <> 'gate'
  UNION ALL SELECT 'function ' || p.oid::regprocedure || md5(prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'gate')
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
  UNION ALL SELECT 'acl ' || oid::regclass || ' ' || relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relacl IS NOT NULL
  ORDER BY 1`;

/** Tables whose rows an export writes on purpose, and keeps: the history of what was done. */
const HISTORY =
  /^(export_|tool_registry|tool_routes|tool_history|webhook|idempotency|schema_|.*history|.*outbox|.*migrations)/;

export async function takeFingerprint(lab: Lab): Promise<Fingerprint> {
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  try {
    const column = async (sql: string): Promise<string[]> =>
      (await client.query<{ v: string }>(sql)).rows.map((r) => r.v);
    const tables = await column(
      `SELECT relname AS v FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    );
    const rows: Record<string, string> = {};
    for (const table of tables.filter((t) => !HISTORY.test(t)))
      rows[table] =
        (
          await column(
            `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS v FROM ${pg.escapeIdentifier(table)} t`,
          )
        )[0] ?? '';
    const status = await lab.run('git', 'status', '--porcelain', '--untracked-files=all');
    const tree = await lab.run('git', 'ls-files', '-s');
    return {
      git: `${status.stdout}${createHash('sha256').update(tree.stdout).digest('hex')}`,
      databases: await column('SELECT datname AS v FROM pg_database ORDER BY 1'),
      roles: await column('SELECT rolname AS v FROM pg_roles ORDER BY 1'),
      slots: await column('SELECT slot_name AS v FROM pg_replication_slots ORDER BY 1'),
      schema: (await client.query<{ line: string }>(SCHEMA)).rows.map((r) => r.line),
      rows,
      registry: (
        await client.query(
          'SELECT tool_id, status, version, is_exported, service_url, database_name FROM tool_registry ORDER BY 1',
        )
      ).rows,
      routes: (await client.query('SELECT tool_id, service_url FROM tool_routes ORDER BY 1')).rows,
      processes: (await listProcesses())
        .map((p) => p.command)
        .filter((c) => c.includes(`${lab.root}/apps/`))
        .sort(),
    };
  } finally {
    await client.end();
  }
}
