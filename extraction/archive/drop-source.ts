import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import type { DropSpec, TryDropSpec } from './archive-api.ts';
import { statementsOf, type ExtractionPlan } from '../plan/plan.ts';
import { dropFenceIn } from '../run/fence.ts';
import { isTrue, messageOf, openSession, rowsOf, sqlStateOf, type Session } from '../run/session.ts';
import { setLocalSourceSettings } from '../run/source-settings.ts';
import { checksumsOf, readManifest } from './write-archive.ts';

const DEPENDENT_OBJECTS = '2BP01';
const LOCK_NOT_AVAILABLE = '55P03';
/** Behind a waiting DROP every later reader waits, too. */
const LOCK_MS = 2_000;

/**
 * Drops the archived tables, and what else of the plan the tool's owner role owns and nothing else uses, in one
 * transaction with their fence. Compares every row with the archive before. Never cascades. Safe to call twice.
 *
 * @returns objects of the plan that stay, with the reason
 * @throws PlatformError `source-in-use` that names the dependent objects; nothing has changed then
 */
export async function dropSource(url: string, spec: DropSpec): Promise<readonly string[]> {
  return inTransaction(url, async (session) => {
    if (!(await isThere(session, spec.plan))) return { result: [], commit: false };
    await lockTables(session, spec.plan);
    await refuseChanged(session, spec);
    const kept = await dropAll(session, spec);
    for (const fence of spec.fences) await dropFenceIn(session, fence);
    return { result: kept, commit: true };
  });
}

/**
 * What {@link dropSource} would do, by the same statements in a transaction that is rolled back. Compares rows with the
 * archive where there is one already.
 */
export async function tryDropSource(url: string, spec: TryDropSpec): Promise<readonly string[]> {
  const { plan, folder } = spec;
  return inTransaction(url, async (session) => {
    if (!(await isThere(session, plan))) return { result: [], commit: false };
    if (folder !== null) await refuseChanged(session, { plan, folder });
    await lockTables(session, plan);
    return { result: await dropAll(session, spec), commit: false };
  });
}

async function inTransaction<T>(
  url: string,
  work: (session: Session) => Promise<{ readonly result: T; readonly commit: boolean }>,
): Promise<T> {
  const session = await openSession({ url, applicationName: 'gulp complete' });
  try {
    await session.query('BEGIN');
    await session.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
    const { result, commit } = await work(session);
    await session.query(commit ? 'COMMIT' : 'ROLLBACK');
    return result;
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw refusalOf(error);
  } finally {
    await session.end();
  }
}

function refusalOf(error: unknown): unknown {
  if (sqlStateOf(error) === DEPENDENT_OBJECTS)
    return new PlatformError(
      'source-in-use',
      `The monolith's tables cannot be dropped, because other objects depend on them:\n${
        (error as pg.DatabaseError).detail ?? messageOf(error)
      }\nDrop or change these objects, or leave --drop-source out.`,
      { cause: error },
    );
  if (sqlStateOf(error) === LOCK_NOT_AVAILABLE)
    return new PlatformError(
      'source-in-use',
      `The monolith's tables are in use: they could not be locked within ${LOCK_MS} ms. ` +
        'End the transactions that read them, then run the command again.',
      { cause: error },
    );
  return error;
}

const tablesOf = (plan: ExtractionPlan): string[] =>
  plan.before.flatMap(({ id }) => (id.startsWith('TABLE ') ? [id.slice('TABLE '.length)] : []));

const isThere = (session: Session, plan: ExtractionPlan): Promise<boolean> =>
  isTrue(session, '(SELECT bool_or(to_regclass(name) IS NOT NULL) FROM unnest($1::text[]) name)', [
    tablesOf(plan),
  ]);

const lockTables = (session: Session, plan: ExtractionPlan): Promise<unknown> =>
  session.query(`LOCK TABLE ${tablesOf(plan).join(', ')} IN ACCESS EXCLUSIVE MODE`);

/** Rows and columns that are in no archive are not dropped. */
async function refuseChanged(
  session: Session,
  { plan, folder }: Pick<DropSpec, 'plan' | 'folder'>,
): Promise<void> {
  const { tables } = await readManifest(folder);
  await session.query('SAVEPOINT compare');
  await setLocalSourceSettings(session, plan);
  const now = await checksumsOf(session, { tables: plan.tables });
  await session.query('ROLLBACK TO SAVEPOINT compare');
  const columns = await columnsOf(session, plan);
  const changed = plan.tables.filter(({ name, compared }) => {
    const archived = tables.find((table) => table.name === name);
    const same = archived?.rows === now[name]?.rows && archived?.checksum === now[name]?.checksum;
    return !same || columns.get(name) !== compared.toSorted().join(', ');
  });
  if (changed.length === 0) return;
  throw new PlatformError(
    'source-in-use',
    `The monolith's tables were changed after they were archived: ${changed.map(({ name }) => name).join(', ')}. ` +
      `Remove ${folder}, then run the command again: it writes a new archive.`,
  );
}

async function columnsOf(session: Session, plan: ExtractionPlan): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf<{ name: string; columns: string[] }>(
    session,
    `SELECT t.name, coalesce(json_agg(quote_ident(a.attname)) FILTER (WHERE a.attname IS NOT NULL), '[]') AS columns
       FROM unnest($1::text[]) AS t (name)
       LEFT JOIN pg_attribute a ON a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped
      GROUP BY t.name`,
    [plan.tables.map(({ name }) => name)],
  );
  return new Map(rows.map(({ name, columns }) => [name, columns.toSorted().join(', ')]));
}

/** Objects beside the tables that a tool's migrations create. Extensions serve the whole database. */
const BESIDE = /^(VIEW|MATERIALIZED VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|SCHEMA) /;

async function dropAll(
  session: Session,
  { plan, owner }: Pick<DropSpec, 'plan' | 'owner'>,
): Promise<readonly string[]> {
  const statements = statementsOf(plan).filter(({ undo }) => undo !== '');
  const kept: string[] = [];
  let dropped = false;
  for (const { id, undo } of statements.toReversed()) {
    if (id.startsWith('TABLE ')) {
      // at once: tables may refer to each other
      if (!dropped) await session.query(`DROP TABLE ${tablesOf(plan).join(', ')}`);
      dropped = true;
    } else if (BESIDE.test(id)) {
      const reason = await dropAsOwner(session, undo.replace(/ CASCADE$/, ''), owner);
      if (reason !== null) kept.push(`${id}: ${reason}`);
    }
  }
  return kept;
}

/** The server itself decides what the tool's role owns, and what else uses it. Returns why the object stays. */
async function dropAsOwner(session: Session, sql: string, owner: string): Promise<string | null> {
  await session.query('SAVEPOINT beside');
  try {
    await session.query(`SET LOCAL ROLE ${pg.escapeIdentifier(owner)}`);
    await session.query(sql);
    await session.query('RESET ROLE');
    await session.query('RELEASE SAVEPOINT beside');
    return null;
  } catch (error) {
    await session.query('ROLLBACK TO SAVEPOINT beside');
    if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) throw error;
    return (error as pg.DatabaseError).detail ?? messageOf(error);
  }
}
