import type { ExtractionPlan } from '../plan/plan.ts';
import type { Obstacle } from '../api.ts';
import { USER_SCHEMA } from '../catalog/fragments.ts';
import { rowsOf, type Session } from '../run/session.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly generated: string;
}

const COLUMNS = `
SELECT t.name AS table, to_regclass(t.name) IS NOT NULL AS there,
  coalesce(json_agg(json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated)
    ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL), '[]') AS columns
FROM unnest($1::text[]) AS t(name)
LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY t.name`;

/** Written by the service's migrations for themselves: which of them have run. */
const LEDGER = 'schema_migrations';

const TABLES = `
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${USER_SCHEMA('n')}
  AND c.relname <> $2
  AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS known(name) WHERE to_regclass(known.name) = c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1`;

/** What keeps the service's rows from fitting into the source: tables and columns that one side has and the other has not. */
export async function findShapeObstacles(
  source: Session,
  service: Session,
  plan: Pick<ExtractionPlan, 'tables'>,
): Promise<Obstacle[]> {
  const names = plan.tables.map((table) => table.name);
  const here = await columnsOf(source, names);
  const there = await columnsOf(service, names);
  const found: Obstacle[] = [];
  for (const name of names) {
    const message = differenceOf(here.get(name) ?? null, there.get(name) ?? null);
    if (message !== null) found.push({ object: name, message: `${name}: ${message}` });
  }
  for (const { name } of await rowsOf<{ name: string }>(service, TABLES, [names, LEDGER])) {
    const [row] = await rowsOf<{ count: string }>(service, `SELECT count(*) AS count FROM ONLY ${name}`);
    if (row?.count !== '0')
      found.push({
        object: name,
        message: `${name}: the service made this table itself; its ${row?.count ?? '?'} rows have no place in the source`,
      });
  }
  return found;
}

async function columnsOf(
  session: Session,
  names: readonly string[],
): Promise<Map<string, readonly Column[]>> {
  const rows = await rowsOf<{ table: string; there: boolean; columns: Column[] }>(session, COLUMNS, [names]);
  return new Map(rows.filter((row) => row.there).map((row) => [row.table, row.columns]));
}

function differenceOf(source: readonly Column[] | null, service: readonly Column[] | null): string | null {
  if (service === null) return 'the service has dropped this table';
  if (source === null) return 'the source has this table no more';
  const problems: string[] = [];
  for (const column of service) {
    const own = source.find((candidate) => candidate.name === column.name);
    if (own === undefined) problems.push(`column ${column.name} is only in the service`);
    else if (own.type !== column.type)
      problems.push(`column ${column.name} is ${column.type} in the service, ${own.type} in the source`);
    else if (own.generated !== column.generated)
      problems.push(`column ${column.name} is generated on one side only`);
  }
  for (const column of source)
    if (!service.some((candidate) => candidate.name === column.name))
      problems.push(`column ${column.name} is only in the source`);
  return problems.length === 0 ? null : problems.join('; ');
}
