import type { SequenceCopy } from '../plan/plan.ts';
import { rowsOf, type Session } from './session.ts';

export interface SequenceState {
  readonly value: string;
  readonly called: boolean;
}

export async function readSequence(session: Session, name: string): Promise<SequenceState> {
  const [state] = await rowsOf<SequenceState>(
    session,
    `SELECT last_value AS value, is_called AS called FROM ${name}`,
  );
  if (state === undefined) throw new Error(`sequence ${name} gave no row`);
  return state;
}

export async function writeSequence(session: Session, name: string, state: SequenceState): Promise<void> {
  await session.query('SELECT setval($1::regclass, $2::bigint, $3)', [name, state.value, state.called]);
}

/** True when the column that it feeds already holds greater numbers, so that the next ones would collide. */
export async function isStale(session: Session, sequence: SequenceCopy): Promise<boolean> {
  if (sequence.feeds === null) return false;
  const up = !sequence.increment.startsWith('-');
  const { table, column } = sequence.feeds;
  const state = await readSequence(session, sequence.name);
  const [row] = await rowsOf<{ stale: boolean | null }>(
    session,
    `SELECT (SELECT ${up ? 'max' : 'min'}(${column})::numeric FROM ${table}) ${up ? (state.called ? '>' : '>=') : state.called ? '<' : '<='} $1::numeric AS stale`,
    [state.value],
  );
  return row?.stale === true;
}
