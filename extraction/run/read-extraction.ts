import type { Catalog, DatabaseLocale, Key } from '../catalog/catalog.ts';
import { readCatalog } from '../catalog/index.ts';
import { planExtraction, type Extraction, type ExtractionRequest } from '../plan/extraction.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { localeFor } from '../plan/target-checks/locale.ts';
import type { TargetFacts } from '../plan/target.ts';
import { readObjectsNamedByRows } from './name-findings.ts';
import { readRowFindings } from './row-findings.ts';
import { openSession, rowsOf, type Session } from './session.ts';
import { readSearchPath } from './snapshot.ts';

export interface ReadExtractionOptions {
  readonly sourceUrl: string;
  readonly target: TargetFacts;
  readonly request: ExtractionRequest;
  /** Counts every row, which reads every table. Skipped when the plan is refused. */
  readonly countRows?: boolean;
}

export interface ReadExtraction extends Extraction {
  /** Objects that rows name: part of the request when the plan is made again. */
  readonly namedByRows: readonly Key[];
  readonly target: TargetFacts;
  /** Of the source's database, as the target's server can create it. */
  readonly source: DatabaseLocale;
  /** Rows by table group; empty unless they were counted. */
  readonly rows: Readonly<Record<string, number>>;
  /** Every table to fence: the stored ones, and the partitioned ones above them. */
  readonly fenced: readonly string[];
}

/** Reads the source in one snapshot and plans. Changes nothing. */
export async function readExtraction(options: ReadExtractionOptions): Promise<ReadExtraction> {
  const { sourceUrl, target, request } = options;
  const searchPath = await readSearchPath(sourceUrl);
  const session = await openSession({ url: sourceUrl });
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const catalog = await readCatalog(session, searchPath);
    const first = planExtraction(catalog, target, request);
    const namedByRows = await findNamed(session, first);
    const extraction =
      namedByRows.length === 0 ? first : planExtraction(catalog, target, { ...request, namedByRows });
    const { plan } = extraction;
    const findings = [...extraction.findings, ...(await readRowFindings(session, extraction, target))];
    const refused = plan === null || findings.some((item) => item.severity === 'error');
    const { encoding, collate, ctype, provider, locale, rules } = catalog.server;
    return {
      ...extraction,
      namedByRows,
      findings,
      target,
      source: localeFor({ encoding, collate, ctype, provider, locale, rules }, target.version),
      rows: refused || options.countRows !== true ? {} : await countRows(session, plan),
      fenced: plan === null ? [] : fencedBy(catalog, plan),
    };
  } finally {
    await session.end();
  }
}

/** A table that cannot be read is reported with the other findings that need rows. */
async function findNamed(session: Session, { names }: Extraction): Promise<readonly Key[]> {
  if (names.columns.length === 0) return [];
  await session.query('SAVEPOINT names');
  try {
    return await readObjectsNamedByRows(session, names);
  } catch {
    await session.query('ROLLBACK TO names');
    return [];
  }
}

function fencedBy(catalog: Catalog, plan: ExtractionPlan): string[] {
  const created = new Set(plan.before.map((statement) => statement.id));
  const partitioned = catalog.relations.filter(
    (table) => table.kind === 'p' && created.has(`TABLE ${table.name}`),
  );
  return [...plan.tables, ...partitioned].map((table) => table.name);
}

async function countRows(session: Session, plan: ExtractionPlan): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const group of plan.groups) {
    let sum = 0;
    for (const table of group.tables) {
      const [row] = await rowsOf<{ count: string }>(session, `SELECT count(*) AS count FROM ONLY ${table}`);
      sum += Number(row?.count ?? 0);
    }
    rows[group.name] = sum;
  }
  return rows;
}
