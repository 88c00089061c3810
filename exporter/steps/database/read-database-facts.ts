import pg from 'pg';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { planExtraction, parseTableList } from '../../../extraction/plan/extraction.ts';
import type { SourceTables as DatabaseFacts } from './facts.ts';
import { finding } from '../../../extraction/plan/findings.ts';
import type { ExtractionPlan } from '../../../extraction/plan/plan.ts';
import type { TargetFacts } from '../../../extraction/plan/target.ts';
import { readCatalog } from '../../../extraction/catalog/index.ts';
import { databaseOf, readTarget } from '../../../extraction/run/target.ts';
import { openSession, rowsOf, type Session } from '../../../extraction/run/session.ts';
import { readRowFindings } from '../../../extraction/run/row-findings.ts';
import { readSearchPath } from '../../../extraction/run/snapshot.ts';

export interface ReadDatabaseOptions {
  /** Administrator's address of the source's database. */
  readonly sourceUrl: string;
  /** As the manifest names them. */
  readonly tables: readonly string[];
  readonly names: ToolNames;
  readonly severIncoming: boolean;
}

/** Reads the facts of the database step. Changes nothing. */
export async function readDatabaseFacts(options: ReadDatabaseOptions): Promise<DatabaseFacts> {
  const { sourceUrl, names } = options;
  const server = await readTarget(sourceUrl);
  const searchPath = await readSearchPath(sourceUrl);
  const session = await openSession({ url: sourceUrl });
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const catalog = await readCatalog(session, searchPath);
    const place = {
      encoding: catalog.server.encoding,
      collate: catalog.server.collate,
      ctype: catalog.server.ctype,
    };
    const existing = await findExisting(session, names);
    if (options.tables.length === 0)
      return { findings: existing, rows: {}, extraction: null, fenced: [], ...place };
    const target = newDatabase(server, names);
    const extraction = planExtraction(catalog, target, {
      tables: parseTableList(options.tables.join('\n')),
      severIncoming: options.severIncoming,
      ownership: {
        owner: pg.escapeIdentifier(names.ownerRole),
        runtime: pg.escapeIdentifier(names.runtimeRole),
      },
    });
    const { plan } = extraction;
    const findings = [...extraction.findings, ...(await readRowFindings(session, extraction, target))];
    const trees = catalog.relations.filter(
      (table) => plan?.tables.some((copy) => copy.name === table.name) === true || table.kind === 'p',
    );
    const partitioned = trees.filter(
      (table) =>
        table.kind === 'p' && plan?.before.some((item) => item.id === `TABLE ${table.name}`) === true,
    );
    return {
      findings: [...findings, ...existing],
      rows:
        plan === null || findings.some((item) => item.severity === 'error')
          ? {}
          : await countRows(session, plan),
      extraction: plan,
      fenced: [...(plan?.tables.map((table) => table.name) ?? []), ...partitioned.map((table) => table.name)],
      ...place,
    };
  } finally {
    await session.end();
  }
}

/** The planned database, on a server like the source's: empty, everything owned by the service's owner role. */
function newDatabase(server: TargetFacts, names: ToolNames): TargetFacts {
  const roles = [names.ownerRole, names.runtimeRole, names.migratorRole].map((name) =>
    pg.escapeIdentifier(name),
  );
  return {
    ...server,
    database: names.database,
    missing: true,
    canCreateDatabase: true,
    encoding: null,
    collate: null,
    existing: [],
    schemas: ['public'],
    installed: { plpgsql: { version: '1.0', schema: 'pg_catalog' } },
    roles: [...server.roles, ...roles],
    assignable: [...server.assignable, ...roles],
  };
}

async function countRows(session: Session, plan: ExtractionPlan): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const group of plan.groups) {
    rows[group.name] = 0;
    for (const table of group.tables) {
      const [row] = await rowsOf<{ count: string }>(session, `SELECT count(*) AS count FROM ONLY ${table}`);
      rows[group.name] = (rows[group.name] ?? 0) + Number(row?.count ?? 0);
    }
  }
  return rows;
}

/** Existing databases and roles with the service's names: they may be in use, so they are never overwritten. */
async function findExisting(session: Session, names: ToolNames): Promise<Finding[]> {
  const found = await rowsOf<{ kind: string; name: string }>(
    session,
    `SELECT 'database' AS kind, datname AS name FROM pg_database WHERE datname = $1
     UNION ALL SELECT 'role', rolname FROM pg_roles WHERE rolname = ANY ($2::text[])`,
    [names.database, [names.ownerRole, names.migratorRole, names.runtimeRole]],
  );
  return found.map(({ kind, name }) =>
    finding(
      'error',
      'target-exists',
      name,
      `The ${kind} ${name} already exists`,
      `If an earlier export left it behind: npx gulp rollback --tool-id=${names.sql.replaceAll('_', '-')}. Otherwise: DROP ${kind.toUpperCase()} ${pg.escapeIdentifier(name)};`,
    ),
  );
}

export { databaseOf };
