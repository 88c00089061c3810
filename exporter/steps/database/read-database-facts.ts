import pg from 'pg';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import {
  finding,
  openSession,
  parseTableList,
  readExtraction,
  readTarget,
  rowsOf,
  type TargetFacts,
} from '../../../extraction/index.ts';
import type { SourceTables } from '../../core/facts.ts';

export interface ReadDatabaseOptions {
  /** Administrator's address of the source's database. */
  readonly sourceUrl: string;
  /** As the manifest names them. */
  readonly tables: readonly string[];
  readonly names: ToolNames;
  readonly severIncoming: boolean;
}

/** Reads the facts of the database step. Changes nothing. */
export async function readDatabaseFacts(options: ReadDatabaseOptions): Promise<SourceTables> {
  const { sourceUrl, tables, names, severIncoming } = options;
  const { plan, source, findings, rows, fenced } = await readExtraction({
    sourceUrl,
    target: newDatabase(await readTarget(sourceUrl), names),
    request: {
      tables: tables.length === 0 ? [] : parseTableList(tables.join('\n')),
      severIncoming,
      ownership: {
        owner: pg.escapeIdentifier(names.ownerRole),
        runtime: pg.escapeIdentifier(names.runtimeRole),
      },
    },
    countRows: true,
  });
  const existing = await findExisting(sourceUrl, names);
  return { findings: [...findings, ...existing], rows, extraction: plan, fenced, ...source };
}

const rolesOf = (names: ToolNames): string[] => [names.ownerRole, names.runtimeRole, names.migratorRole];

/** The service's database before it exists: empty, on a server like the source's, with the service's roles. */
function newDatabase(server: TargetFacts, names: ToolNames): TargetFacts {
  const roles = rolesOf(names).map((name) => pg.escapeIdentifier(name));
  return {
    ...server,
    database: names.database,
    missing: true,
    canCreateDatabase: true,
    encoding: null,
    collate: null,
    ctype: null,
    provider: null,
    locale: null,
    rules: null,
    // the service's database may get a server of its own
    textSearchConfig: null,
    defaultAcls: [],
    eventTriggers: [],
    existing: [],
    schemas: ['public'],
    installed: { plpgsql: { version: '1.0', schema: 'pg_catalog' } },
    roles: [...server.roles, ...roles],
    assignable: [...server.assignable, ...roles],
  };
}

const EXISTING = `
SELECT 'database' AS kind, datname AS name FROM pg_database WHERE datname = $1
UNION ALL SELECT 'role', rolname FROM pg_roles WHERE rolname = ANY ($2::text[])`;

/** The service's database or roles that exist already. They are never overwritten. */
async function findExisting(sourceUrl: string, names: ToolNames): Promise<Finding[]> {
  const session = await openSession({ url: sourceUrl });
  try {
    const found = await rowsOf<{ kind: string; name: string }>(session, EXISTING, [
      names.database,
      rolesOf(names),
    ]);
    return found.map(({ kind, name }) =>
      finding({
        severity: 'error',
        code: 'target-exists',
        object: name,
        message: `The ${kind} ${name} already exists`,
        remedy: `If an earlier export left it: npx gulp rollback --tool-id=${names.sql.replaceAll('_', '-')}. Otherwise: DROP ${kind.toUpperCase()} ${pg.escapeIdentifier(name)};`,
      }),
    );
  } finally {
    await session.end();
  }
}
