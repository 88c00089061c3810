import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { FENCE_FUNCTION, FENCE_SQLSTATE } from '../../contracts/fence.ts';
import type { FenceSpec, WorkOptions } from '../api.ts';
import { isTrue, messageOf, openSession, sqlStateOf, type Session } from './session.ts';
import { describeWriters } from './writers.ts';

const SCHEMA = pg.escapeIdentifier(FENCE_FUNCTION);
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';
/** How long a fence may wait for writers. */
export interface FencePatience {
  /** Of one attempt, behind which every later lock request queues. */
  readonly lockMs: number;
  /** Of all attempts. */
  readonly totalMs: number;
}

const PATIENCE: FencePatience = { lockMs: 500, totalMs: 40_000 };
const LONGEST_WAIT_MS = 1_000;

const functionOf = (fence: FenceSpec): string => `${SCHEMA}.${pg.escapeIdentifier(fence.toolId)}`;
const triggerOf = (fence: FenceSpec): string =>
  pg.escapeIdentifier(`platform_fence_${fence.toolId}`.slice(0, 63));

/**
 * Blocks writes with triggers. All tables are locked first, so that every earlier writer has ended. Replication's apply
 * workers are not blocked, because ordinary triggers do not fire for them.
 *
 * @throws PlatformError `step-failed` when writers hold the tables during all attempts.
 */
export async function raiseFence(url: string, fence: FenceSpec, options: WorkOptions): Promise<void> {
  await placeFence(url, fence, 'closed', options, PATIENCE);
}

/** Creates the triggers of a fence that lets writers pass until {@link closeFence}. One that is closed stays closed. */
export async function armFence(
  url: string,
  fence: FenceSpec,
  options: WorkOptions,
  patience: FencePatience = PATIENCE,
): Promise<void> {
  await placeFence(url, fence, 'open', options, patience);
}

async function placeFence(
  url: string,
  fence: FenceSpec,
  state: 'open' | 'closed',
  options: WorkOptions,
  { lockMs, totalMs }: FencePatience,
): Promise<void> {
  if (fence.tables.length === 0) return;
  const session = await openSession({ url, applicationName: 'gulp export' });
  const until = performance.now() + totalMs;
  try {
    for (let n = 1; ; n++) {
      options.signal.throwIfAborted();
      try {
        await placeOnce(session, fence, state, lockMs);
        return;
      } catch (error) {
        await session.query('ROLLBACK').catch(() => undefined);
        if (![LOCK_NOT_AVAILABLE, DEADLOCK].includes(sqlStateOf(error))) throw error;
        if (performance.now() > until)
          throw new PlatformError(
            state === 'open' ? 'switch-timeout' : 'step-failed',
            `Writers hold ${fence.tables.join(', ')}: the fence could not be created in ${n} attempts of ${lockMs} ms each. ` +
              `End these transactions, then run the command again: ${await describeWriters(session, fence.tables)}`,
            { cause: error },
          );
        options.report.log('warning', `Waiting for writers (attempt ${n}): ${messageOf(error)}`);
        await sleep(Math.min(100 * n, LONGEST_WAIT_MS));
      }
    }
  } finally {
    await session.end();
  }
}

async function placeOnce(
  session: Session,
  fence: FenceSpec,
  state: 'open' | 'closed',
  lockMs: number,
): Promise<void> {
  await session.query('BEGIN');
  await session.query(`SET LOCAL lock_timeout = ${lockMs}`);
  await session.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  if (state === 'closed') await closeFence(session, fence);
  else if (!(await hasFunction(session, fence))) await session.query(replaceFunction(fence, PASS));
  if (state === 'open' && (await isArmed(session, fence))) {
    await session.query('COMMIT');
    return;
  }
  await session.query(`LOCK TABLE ONLY ${fence.tables.join(', ONLY ')} IN SHARE ROW EXCLUSIVE MODE`);
  for (const table of fence.tables)
    await session.query(
      `CREATE OR REPLACE TRIGGER ${triggerOf(fence)} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${functionOf(fence)}()`,
    );
  await session.query('COMMIT');
}

const isArmed = (session: Session, fence: FenceSpec): Promise<boolean> =>
  isTrue(
    session,
    '(SELECT count(*) FROM pg_trigger WHERE tgrelid = ANY ($1::regclass[]) AND tgfoid = to_regprocedure($2)) = $3::int',
    [fence.tables, `${functionOf(fence)}()`, fence.tables.length],
  );

const replaceFunction = (fence: FenceSpec, body: string): string =>
  `CREATE OR REPLACE FUNCTION ${functionOf(fence)}() RETURNS trigger LANGUAGE plpgsql AS ${pg.escapeLiteral(`BEGIN ${body}; END`)}`;

/**
 * Refuses writers from its commit on, where the triggers exist. Locks no table, so nothing queues behind it. Writers whose
 * statement has begun may still end: see `writersOf`.
 */
export async function closeFence(session: Session, fence: FenceSpec): Promise<void> {
  const { takenOverBy, toolId, refusal } = fence;
  const message =
    refusal?.message ?? `${fence.toolName} has moved to ${takenOverBy}: its tables here take no writes`;
  const hint =
    refusal?.hint ??
    `Write through ${takenOverBy}, or roll the export back: npx gulp rollback --tool-id=${toolId}`;
  const raise = `RAISE EXCEPTION USING ERRCODE = ${pg.escapeLiteral(FENCE_SQLSTATE)}, MESSAGE = ${pg.escapeLiteral(message)}, HINT = ${pg.escapeLiteral(hint)}`;
  await session.query(replaceFunction(fence, raise));
}

/** Lets writers pass from its commit on. Locks no table. Without effect where there is no fence. */
export async function openFence(session: Session, fence: FenceSpec): Promise<void> {
  if (await hasFunction(session, fence)) await session.query(replaceFunction(fence, PASS));
}

const PASS = 'RETURN NULL';

const hasFunction = (session: Session, fence: FenceSpec): Promise<boolean> =>
  isTrue(session, 'to_regprocedure($1) IS NOT NULL', [`${functionOf(fence)}()`]);

/** Removes everything that `raiseFence` and `armFence` create. Safe to call twice, and without a fence. */
export async function dropFence(url: string, fence: FenceSpec): Promise<void> {
  if (fence.tables.length === 0) return;
  const session = await openSession({ url, applicationName: 'gulp rollback' });
  const until = performance.now() + PATIENCE.totalMs;
  try {
    for (let n = 1; ; n++)
      try {
        await dropOnce(session, fence);
        return;
      } catch (error) {
        await session.query('ROLLBACK').catch(() => undefined);
        if (![LOCK_NOT_AVAILABLE, DEADLOCK].includes(sqlStateOf(error)) || performance.now() > until)
          throw error;
        await sleep(Math.min(100 * n, LONGEST_WAIT_MS));
      }
  } finally {
    await session.end();
  }
}

async function dropOnce(session: Session, fence: FenceSpec): Promise<void> {
  await session.query('BEGIN');
  await session.query(`SET LOCAL lock_timeout = ${PATIENCE.lockMs}`);
  for (const table of fence.tables)
    await session.query(`DROP TRIGGER IF EXISTS ${triggerOf(fence)} ON ${table}`);
  await dropFenceIn(session, fence);
  await session.query('COMMIT');
}

/** Removes the fence's function, and the schema after the last one. Its triggers or its tables are gone. */
export async function dropFenceIn(session: Session, fence: FenceSpec): Promise<void> {
  await session.query(`DROP FUNCTION IF EXISTS ${functionOf(fence)}()`);
  // other tools may be fenced too
  await session.query(`DO $$ BEGIN
    IF to_regnamespace('${SCHEMA}') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('${SCHEMA}'))
    THEN DROP SCHEMA ${SCHEMA}; END IF; END $$`);
}
