import { PlatformError } from '../../../contracts/errors.ts';
import { readCheckpoint, recordDone } from '../../run/checkpoint.ts';
import { rowsOf, type Session } from '../../run/session.ts';
import { FOLLOW_NAME } from './names.ts';

/** Work in the ledger of the target: everything from here on may be on the target alone. */
const SWITCHED = 'switched';

/** Runs in the pause of the switch. */
export const recordSwitch = (target: Session, name: string): Promise<void> =>
  recordDone(target, SWITCHED, { name });

/** What the ledger of a target tells about a run that has not ended. */
export interface Unfinished {
  readonly switched: boolean;
  /** Streams of runs that have not ended. Under the lock of the target, none of them is at work. */
  readonly names: readonly string[];
}

/** `null` when every run into this target has ended. */
export async function readUnfinished(target: Session): Promise<Unfinished | null> {
  const checkpoint = await readCheckpoint(target);
  if (checkpoint === null) return null;
  const subscriptions = await rowsOf<{ name: string }>(
    target,
    'SELECT subname AS name FROM pg_subscription WHERE subname ~ $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
    [FOLLOW_NAME],
  );
  const switched = checkpoint.done.get(SWITCHED);
  const names = subscriptions.map(({ name }) => name);
  return {
    switched: switched !== undefined,
    names: [...new Set([...names, ...(switched === undefined ? [] : [String(switched['name'])])])],
  };
}

/** @throws PlatformError `rollback-first` when a killed run has switched to this target */
export async function refuseSwitched(target: Session): Promise<Unfinished | null> {
  const unfinished = await readUnfinished(target);
  if (unfinished?.switched !== true) return unfinished;
  throw new PlatformError(
    'rollback-first',
    'An earlier run has switched to this target and was killed before it had compared all rows. The target may hold writes that the source lacks. Run the same command with --clean-up in place of --follow: it keeps the target.',
  );
}
