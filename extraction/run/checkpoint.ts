import type { ExtractionPlan } from '../plan/plan.ts';
import { digestOf } from './digest.ts';
import { rowsOf, type Session } from './session.ts';

/**
 * While an extraction runs, schema `platform_extract` in the target is its ledger: the digest of the plan, the
 * finished work and the statements that undo it. It is created in the transaction of the first object and dropped
 * last, so the target of a killed process can always be continued or rolled back.
 */
const CREATE_LEDGER = `
CREATE SCHEMA platform_extract;
CREATE TABLE platform_extract.state (plan text NOT NULL, undo jsonb NOT NULL, started_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE platform_extract.done (id text PRIMARY KEY, info jsonb NOT NULL)`;

export interface Checkpoint {
  readonly plan: string;
  readonly undo: readonly string[];
  readonly done: ReadonlyMap<string, Readonly<Record<string, string | number | boolean>>>;
}

/** The statements that undo the plan, newest first. */
export function undoOf(plan: ExtractionPlan): string[] {
  return [...plan.before, ...plan.indexes, ...plan.constraints, ...plan.after]
    .map((statement) => statement.undo)
    .filter((sql) => sql !== '')
    .reverse();
}

export async function readCheckpoint(session: Session): Promise<Checkpoint | null> {
  const [there] = await rowsOf<{ there: boolean }>(
    session,
    `SELECT to_regclass('platform_extract.state') IS NOT NULL AND to_regclass('platform_extract.done') IS NOT NULL AS there`,
  );
  if (there?.there !== true) return null;
  const [state] = await rowsOf<{ plan: string; undo: string[] }>(
    session,
    'SELECT plan, undo FROM platform_extract.state',
  );
  if (state === undefined) return null;
  const done = await rowsOf<{ id: string; info: Record<string, string> }>(
    session,
    'SELECT id, info FROM platform_extract.done',
  );
  return { ...state, done: new Map(done.map((row) => [row.id, row.info])) };
}

/** Runs in the transaction that creates the first objects. */
export async function createCheckpoint(session: Session, plan: ExtractionPlan): Promise<void> {
  await session.query(CREATE_LEDGER);
  await session.query('INSERT INTO platform_extract.state (plan, undo) VALUES ($1, $2)', [
    digestOf(plan),
    JSON.stringify(undoOf(plan)),
  ]);
}

/** Runs in the transaction of the work itself. */
export async function recordDone(session: Session, id: string, info: object = {}): Promise<void> {
  await session.query('INSERT INTO platform_extract.done (id, info) VALUES ($1, $2)', [
    id,
    JSON.stringify(info),
  ]);
}

export const dropCheckpoint = async (session: Session): Promise<void> => {
  await session.query('DROP SCHEMA IF EXISTS platform_extract CASCADE');
};
