import type { ExtractionPlan } from '../plan/plan.ts';
import type { SyncConflict } from '../api.ts';
import { USER_SCHEMA } from '../catalog/fragments.ts';
import { rowsOf, type Session } from '../run/session.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly generated: string;
}

const COLUMNS = `
SELECT t.name AS table, to_regclass(t.name) IS NOT NULL AS exists,
  coalesce(json_agg(json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated)
    ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL), '[]') AS columns
FROM unnest($1::text[]) AS t(name)
LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY t.name`;

/** The service's record of its own migrations. */
const MIGRATIONS = 'schema_migrations';

const TABLES = `
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${USER_SCHEMA('n')}
  AND c.relname <> $2
  AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS known(name) WHERE to_regclass(known.name) = c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1`;

/** Tables and columns that exist on one side only or differ, so that the service's rows do not fit into the source. */
export async function findShapeConflicts(
  source: Session,
  service: Session,
  plan: Pick<ExtractionPlan, 'tables'>,
): Promise<SyncConflict[]> {
  const names = plan.tables.map((table) => table.name);
  const inSource = await columnsOf(source, names);
  const inService = await columnsOf(service, names);
  const found: SyncConflict[] = [];
  for (const name of names) {
    const message = differenceOf(inSource.get(name) ?? null, inService.get(name) ?? null);
    if (message !== null) found.push({ object: name, message: `${name}: ${message}` });
  }
  for (const { name } of await rowsOf<{ name: string }>(service, TABLES, [names, MIGRATIONS])) {
    const [row] = await rowsOf<{ count: string }>(service, `SELECT count(*) AS count FROM ONLY ${name}`);
    if (row?.count !== '0')
      found.push({
        object: name,
        message: `${name}: the service created this table; the source has no table for its ${row?.count ?? '?'} rows`,
      });
  }
  return found;
}

async function columnsOf(
  session: Session,
  names: readonly string[],
): Promise<Map<string, readonly Column[]>> {
  const rows = await rowsOf<{ table: string; exists: boolean; columns: Column[] }>(session, COLUMNS, [names]);
  return new Map(rows.filter((row) => row.exists).map((row) => [row.table, row.columns]));
}

function differenceOf(source: readonly Column[] | null, service: readonly Column[] | null): string | null {
  if (service === null) return 'the service has dropped this table';
  if (source === null) return 'the source no longer has this table';
  const problems: string[] = [];
  for (const column of service) {
    const own = source.find((candidate) => candidate.name === column.name);
    if (own === undefined) problems.push(`column ${column.name} exists in the service only`);
    else if (own.type !== column.type)
      problems.push(`column ${column.name} is ${column.type} in the service, ${own.type} in the source`);
    else if (own.generated !== column.generated)
      problems.push(`column ${column.name} is generated on one side only`);
  }
  for (const column of source)
    if (!service.some((candidate) => candidate.name === column.name))
      problems.push(`column ${column.name} exists in the source only`);
  return problems.length === 0 ? null : problems.join('; ');
}
