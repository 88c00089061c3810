import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { FENCE_FUNCTION, FENCE_SQLSTATE } from '../../contracts/fence.ts';
import type { FenceSpec, WorkOptions } from '../api.ts';
import { messageOf, openSession, sqlStateOf, type Session } from './session.ts';

const SCHEMA = pg.escapeIdentifier(FENCE_FUNCTION);
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';
/** Short, because everybody who comes after a waiting lock waits with it. */
const LOCK_TIMEOUT = '2s';
const TRIES = 15;

const functionOf = (fence: FenceSpec): string => `${SCHEMA}.${pg.escapeIdentifier(fence.toolId)}`;
const triggerOf = (fence: FenceSpec): string =>
  pg.escapeIdentifier(`platform_fence_${fence.toolId}`.slice(0, 63));

/**
 * Refuses ordinary writers from then on. All tables are locked first, so that every writer before the fence has
 * ended and none stands half in it. Replication's apply workers pass: ordinary triggers do not fire for them.
 *
 * @throws PlatformError `tool-fenced` when writers hold the tables for all of the tries.
 */
export async function raiseFence(url: string, fence: FenceSpec, options: WorkOptions): Promise<void> {
  if (fence.tables.length === 0) return;
  const session = await openSession({ url, applicationName: 'gulp export' });
  try {
    for (let n = 1; ; n++) {
      options.signal.throwIfAborted();
      try {
        await raiseOnce(session, fence);
        return;
      } catch (error) {
        await session.query('ROLLBACK').catch(() => undefined);
        if (![LOCK_NOT_AVAILABLE, DEADLOCK].includes(sqlStateOf(error))) throw error;
        if (n === TRIES)
          throw new PlatformError(
            'step-failed',
            `Writers hold ${fence.tables.join(', ')}: no fence could be raised in ${TRIES} tries of ${LOCK_TIMEOUT}. See pg_stat_activity for long transactions, then run the export again.`,
            { cause: error },
          );
        options.report.log('warning', `Waiting for writers (${n} of ${TRIES}): ${messageOf(error)}`);
        await sleep(100 * n);
      }
    }
  } finally {
    await session.end();
  }
}

async function raiseOnce(session: Session, fence: FenceSpec): Promise<void> {
  const message = `${fence.toolName} has moved to ${fence.takenOverBy}: its tables here take no writes`;
  const hint = `Write through ${fence.takenOverBy}, or take the export back: npx gulp rollback --tool-id=${fence.toolId}`;
  await session.query('BEGIN');
  await session.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  await session.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  await session.query(
    `CREATE OR REPLACE FUNCTION ${functionOf(fence)}() RETURNS trigger LANGUAGE plpgsql AS ${pg.escapeLiteral(
      `BEGIN RAISE EXCEPTION USING ERRCODE = ${pg.escapeLiteral(FENCE_SQLSTATE)}, MESSAGE = ${pg.escapeLiteral(message)}, HINT = ${pg.escapeLiteral(hint)}; END`,
    )}`,
  );
  await session.query(`LOCK TABLE ONLY ${fence.tables.join(', ONLY ')} IN SHARE ROW EXCLUSIVE MODE`);
  for (const table of fence.tables)
    await session.query(
      `CREATE OR REPLACE TRIGGER ${triggerOf(fence)} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${functionOf(fence)}()`,
    );
  await session.query('COMMIT');
}

/** Leaves no trace. Safe to call twice, and where no fence was ever raised. */
export async function dropFence(url: string, fence: FenceSpec): Promise<void> {
  if (fence.tables.length === 0) return;
  const session = await openSession({ url, applicationName: 'gulp rollback' });
  try {
    for (let n = 1; ; n++)
      try {
        await dropOnce(session, fence);
        return;
      } catch (error) {
        await session.query('ROLLBACK').catch(() => undefined);
        if (![LOCK_NOT_AVAILABLE, DEADLOCK].includes(sqlStateOf(error)) || n === TRIES) throw error;
        await sleep(100 * n);
      }
  } finally {
    await session.end();
  }
}

async function dropOnce(session: Session, fence: FenceSpec): Promise<void> {
  await session.query('BEGIN');
  await session.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  for (const table of fence.tables)
    await session.query(`DROP TRIGGER IF EXISTS ${triggerOf(fence)} ON ${table}`);
  await session.query(`DROP FUNCTION IF EXISTS ${functionOf(fence)}()`);
  // other tools may be fenced too
  await session.query(`DO $$ BEGIN
    IF to_regnamespace('${SCHEMA}') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('${SCHEMA}'))
    THEN DROP SCHEMA ${SCHEMA}; END IF; END $$`);
  await session.query('COMMIT');
}
