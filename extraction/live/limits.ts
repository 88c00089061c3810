import type { Finding } from '../../contracts/plan.ts';
import { finding } from '../plan/findings.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { openSession, rowsOf } from '../run/session.ts';

interface Server {
  readonly walLevel: string;
  readonly superuser: boolean;
  readonly slots: number;
  readonly senders: number;
  readonly workers: number;
}

/** What is free now; a switch has a slot at each side, and one stream at a time. */
const SERVER = `
SELECT current_setting('wal_level') AS "walLevel",
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
  current_setting('max_replication_slots')::int - (SELECT count(*)::int FROM pg_replication_slots) AS slots,
  current_setting('max_wal_senders')::int - (SELECT count(*)::int FROM pg_stat_replication) AS senders,
  current_setting('max_logical_replication_workers')::int - (SELECT count(*)::int FROM pg_stat_subscription WHERE pid IS NOT NULL) AS workers`;

interface Table {
  readonly name: string;
  readonly unlogged: boolean;
  readonly anonymous: boolean;
  readonly always: string | null;
}

const TABLES = `
SELECT wanted.name, c.relpersistence = 'u' AS unlogged,
  CASE c.relreplident WHEN 'n' THEN true
    WHEN 'd' THEN NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary) ELSE false END AS anonymous,
  (SELECT string_agg(tgname, ', ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled IN ('A', 'R')) AS always
FROM unnest($1::text[]) wanted(name) JOIN pg_class c ON c.oid = wanted.name::regclass`;

/**
 * Why the plan cannot be switched while its writers go on: every reason. Changes nothing. With a server of its own, the
 * copy keeps the slot of the way back there.
 */
export async function readLiveLimits(
  sourceUrl: string,
  plan: ExtractionPlan,
  { ownServer }: { readonly ownServer: boolean },
): Promise<readonly Finding[]> {
  const session = await openSession({ url: sourceUrl });
  try {
    const [server] = await rowsOf<Server>(session, SERVER);
    const tables = await rowsOf<Table>(session, TABLES, [plan.tables.map(({ name }) => name)]);
    return [
      ...(server === undefined ? [] : serverLimits(server, ownServer ? 1 : 2)),
      ...tables.flatMap(tableLimits),
      ...planLimits(plan),
    ];
  } finally {
    await session.end();
  }
}

function serverLimits({ walLevel, superuser, slots, senders, workers }: Server, needed: number): Finding[] {
  const found: Finding[] = [];
  if (walLevel !== 'logical')
    found.push(limit(`wal_level of the server is ${walLevel}`, 'Set it to logical and restart PostgreSQL'));
  if (!superuser)
    found.push(limit('The database user is no superuser, which a subscription needs', 'Use another user'));
  if (slots < needed)
    found.push(
      limit(`${slots} replication slots are free, and ${needed} are needed`, 'Raise max_replication_slots'),
    );
  if (senders < 1) found.push(limit('No WAL sender is free', 'Raise max_wal_senders'));
  if (workers < 1)
    found.push(limit('No worker of logical replication is free', 'Raise max_logical_replication_workers'));
  return found;
}

function tableLimits({ name, unlogged, anonymous, always }: Table): Finding[] {
  const found: Finding[] = [];
  if (unlogged) found.push(limit(`${name} is unlogged: its changes are not replicated`, 'SET LOGGED', name));
  if (anonymous)
    found.push(
      limit(
        `${name} has no key that identifies a changed row`,
        'Add a primary key, or set REPLICA IDENTITY',
        name,
      ),
    );
  if (always !== null)
    found.push(
      limit(`Triggers of ${name} would fire for replicated rows too: ${always}`, 'ENABLE TRIGGER', name),
    );
  return found;
}

function planLimits({ tables, configuration = [], after }: ExtractionPlan): Finding[] {
  return [
    ...tables
      .filter(({ largeObjects }) => largeObjects.length > 0)
      .map(({ name }) => limit(`Rows of ${name} refer to large objects, which are not replicated`, '', name)),
    ...after
      .filter(({ id }) => id.startsWith('REFRESH '))
      .map(({ id }) => limit(`${id.slice(8)} is a materialized view, which would be as old as the copy`, '')),
    ...configuration.map(({ name }) =>
      limit(`${name} is a configuration table of an extension, which is not replicated`, '', name),
    ),
  ];
}

const limit = (message: string, remedy: string, object?: string): Finding =>
  finding({
    code: 'live-impossible',
    severity: 'error',
    message,
    remedy: `${remedy === '' ? 'Export' : `${remedy}, or export`} with --cutover=fenced`,
    ...(object === undefined ? {} : { object }),
  });
