import type { ExtractionPlan } from '../plan/plan.ts';
import { digestOf } from './digest.ts';
import { unlinkLargeObjects } from './large-objects.ts';
import { rowsOf, type Session } from './session.ts';

/**
 * While an extraction is at work, schema `platform_extract` in the target says which plan it follows, what is done
 * and what would take it back. It is made together with the first object and goes with the last, so a process that
 * is killed leaves a target that knows what it is.
 */
const MAKE = `
CREATE SCHEMA platform_extract;
CREATE TABLE platform_extract.state (plan text NOT NULL, undo jsonb NOT NULL, started_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE platform_extract.done (id text PRIMARY KEY, info jsonb NOT NULL)`;

export interface Mark {
  readonly plan: string;
  readonly undo: readonly string[];
  readonly done: ReadonlyMap<string, Readonly<Record<string, string | number | boolean>>>;
}

/** Newest first. */
export function undoOf(plan: ExtractionPlan): string[] {
  return [...plan.before, ...plan.indexes, ...plan.constraints, ...plan.after]
    .map((statement) => statement.undo)
    .filter((sql) => sql !== '')
    .reverse();
}

export async function readMark(session: Session): Promise<Mark | null> {
  const [there] = await rowsOf<{ there: boolean }>(
    session,
    `SELECT to_regclass('platform_extract.state') IS NOT NULL AND to_regclass('platform_extract.done') IS NOT NULL AS there`,
  );
  if (there?.there !== true) return null;
  const [state] = await rowsOf<{ plan: string; undo: string[] }>(session, 'SELECT plan, undo FROM platform_extract.state');
  if (state === undefined) return null;
  const done = await rowsOf<{ id: string; info: Record<string, string> }>(session, 'SELECT id, info FROM platform_extract.done');
  return { ...state, done: new Map(done.map((row) => [row.id, row.info])) };
} // prettier-ignore

/** Inside the transaction that makes the first objects. */
export async function makeMark(session: Session, plan: ExtractionPlan): Promise<void> {
  await session.query(MAKE);
  await session.query('INSERT INTO platform_extract.state (plan, undo) VALUES ($1, $2)', [
    digestOf(plan),
    JSON.stringify(undoOf(plan)),
  ]);
}

/** Inside the transaction that does it. */
export async function markDone(session: Session, id: string, info: object = {}): Promise<void> {
  await session.query('INSERT INTO platform_extract.done (id, info) VALUES ($1, $2)', [
    id,
    JSON.stringify(info),
  ]);
}

export const dropMark = async (session: Session): Promise<void> => {
  await session.query('DROP SCHEMA IF EXISTS platform_extract CASCADE');
};

/** Takes back everything that `mark` stands for, in one transaction: the target is as before, or unchanged. */
export async function takeBack(
  session: Session,
  mark: Pick<Mark, 'undo'> & Partial<Pick<Mark, 'done'>>,
): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query("SET LOCAL lock_timeout = '30s'");
    if (mark.done !== undefined) await unlinkLargeObjects(session, mark.done);
    for (const sql of mark.undo) await session.query(sql);
    await dropMark(session);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
