import { createHash } from 'node:crypto';
import type { TableName } from '../../plan/closure/names.ts';
import { databaseOf, openMaintenance } from '../../run/target.ts';
import { isMissingDatabase, openSession, rowsOf, type Session } from '../../run/session.ts';

/**
 * Names of the streams of a run. They follow from its two databases and its tables alone, so that a later process finds
 * the objects of a killed one, and tables can be moved group by group.
 */
export interface FollowNames {
  /** Publication and slot in the source, and subscription in the target; also the fence of the source. */
  readonly out: string;
  /** Publication and slot in the target, and subscription in the source. */
  readonly back: string;
}

/** Matches `FollowNames.out`, of any run. */
export const FOLLOW_NAME = '^gulp_extract_[0-9a-f]{12}$';

export const namesFrom = (out: string): FollowNames => ({
  out,
  back: out.replace('gulp_extract_', 'gulp_extract_back_'),
});

/** The target's database need not exist. Addresses of one server that are written differently give one name. */
export async function readFollowNames(
  sourceUrl: string,
  targetUrl: string,
  tables: readonly TableName[],
): Promise<FollowNames> {
  const source = await systemOf(await openSession({ url: sourceUrl }));
  const target = await systemOf(await openServer(targetUrl));
  const requested = new Set(tables.map(({ schema, name }) => JSON.stringify([schema, name])));
  const identity = [source, databaseOf(sourceUrl), target, databaseOf(targetUrl), [...requested].sort()];
  const id = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12);
  return namesFrom(`gulp_extract_${id}`);
}

/** The maintenance database may refuse the user of another one. */
const openServer = (url: string): Promise<Session> =>
  openSession({ url }).catch((error: unknown) => {
    if (isMissingDatabase(error)) return openMaintenance(url);
    throw error;
  });

async function systemOf(session: Session): Promise<string> {
  try {
    const [row] = await rowsOf<{ id: string }>(
      session,
      'SELECT system_identifier::text AS id FROM pg_catalog.pg_control_system()',
    );
    if (row === undefined) throw new Error('pg_control_system() gave no row');
    return row.id;
  } finally {
    await session.end();
  }
}
