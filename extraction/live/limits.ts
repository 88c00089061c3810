import type { Finding } from '../../contracts/plan.ts';
import { finding } from '../plan/findings.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { messageOf, openSession, rowsOf, type Session } from '../run/session.ts';
import { trySubscription } from './follow/try-subscription.ts';

/** The server of the source. Numbers are what is free now, where nothing else is said. */
export interface Server {
  readonly walLevel: string;
  readonly superuser: boolean;
  readonly slots: number;
  readonly senders: number;
  readonly workers: number;
  readonly origins: number;
  readonly major: number;
  /** Megabytes of WAL that a slot may keep; -1: any number. */
  readonly keptMb: number;
  /** Megabytes of the tables with their indexes. */
  readonly sizeMb: number;
}

/**
 * What is free now; a switch has a slot at each side, and one stream at a time. Since PostgreSQL 18
 * max_active_replication_origins limits origins; before, the number of slots does.
 */
const SERVER = `
SELECT current_setting('wal_level') AS "walLevel", current_setting('server_version_num')::int / 10000 AS major,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
  current_setting('max_replication_slots')::int - (SELECT count(*)::int FROM pg_replication_slots) AS slots,
  current_setting('max_wal_senders')::int - (SELECT count(*)::int FROM pg_stat_replication) AS senders,
  least(current_setting('max_logical_replication_workers')::int, current_setting('max_worker_processes')::int - 1)
    - (SELECT count(*)::int FROM pg_stat_subscription WHERE pid IS NOT NULL) AS workers,
  coalesce(current_setting('max_active_replication_origins', true), current_setting('max_replication_slots'))::int
    - (SELECT count(*)::int FROM pg_replication_origin) AS origins,
  (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS "keptMb",
  (SELECT (coalesce(sum(pg_total_relation_size(name::regclass)), 0) / 1048576)::int FROM unnest($1::text[]) name) AS "sizeMb"`;

interface Table {
  readonly name: string;
  readonly unlogged: boolean;
  readonly anonymous: boolean;
  /** Triggers that fire for replicated rows, too; quoted if necessary. */
  readonly always: readonly string[] | null;
}

const TABLES = `
SELECT wanted.name, c.relpersistence = 'u' AS unlogged,
  CASE c.relreplident WHEN 'n' THEN true
    WHEN 'd' THEN NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary) ELSE false END AS anonymous,
  (SELECT json_agg(quote_ident(tgname) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled IN ('A', 'R')) AS always
FROM unnest($1::text[]) wanted(name) JOIN pg_class c ON c.oid = wanted.name::regclass`;

/**
 * Why the plan cannot be switched while its writers go on: every reason, with its own remedy, if it has one. Changes
 * nothing. With a server of its own, the copy keeps the slot of the way back there.
 */
export async function readLiveLimits(
  sourceUrl: string,
  plan: ExtractionPlan,
  { ownServer }: { readonly ownServer: boolean },
): Promise<readonly Finding[]> {
  const limit = limitOf(null);
  const session = await openSession({ url: sourceUrl });
  try {
    const [server] = await rowsOf<Server>(session, SERVER, [plan.tables.map(({ name }) => name)]);
    const ofServer = server === undefined ? [] : serverLimits(server, { ownServer, limit });
    return [
      ...ofServer,
      // without rights or wal_level, PostgreSQL would give the same reason in other words
      ...(ofServer.length > 0 || ownServer ? [] : await reachLimits(session, sourceUrl, limit)),
      ...(await readPlanLimits(session, plan, limit)),
    ];
  } finally {
    await session.end();
  }
}

/** A database of the same server follows over the address of this client, which the server may not reach. */
async function reachLimits(session: Session, sourceUrl: string, limit: Limit): Promise<Finding[]> {
  const failure = await trySubscription(session, 'platform_live', sourceUrl);
  if (failure === null) return [];
  return [
    limit(
      `The server cannot follow itself at the address of this command: ${messageOf(failure).trim()}`,
      'Set DATABASE_URL to an address at which the server reaches itself',
    ),
  ];
}

/** The limits of the tables and of the plan's other objects, as `limit` words them. Changes nothing. */
export async function readPlanLimits(
  session: Session,
  plan: ExtractionPlan,
  limit: Limit,
): Promise<readonly Finding[]> {
  const tables = await rowsOf<Table>(session, TABLES, [plan.tables.map(({ name }) => name)]);
  return [...tables.flatMap((table) => tableLimits(table, limit)), ...planLimits(plan, limit)];
}

/** The limits of the server, as `limit` words them. Pure. */
export function serverLimits(
  server: Server,
  { ownServer, limit }: { readonly ownServer: boolean; readonly limit: Limit },
): Finding[] {
  const { walLevel, superuser, slots, senders, workers, origins, keptMb, sizeMb } = server;
  const needed = ownServer ? 1 : 2;
  const found: Finding[] = [];
  if (walLevel !== 'logical')
    found.push(
      limit(
        `wal_level of the server is ${walLevel}`,
        'ALTER SYSTEM SET wal_level = logical, and restart PostgreSQL',
      ),
    );
  if (!superuser)
    found.push(
      limit(
        'The database user is no superuser, which a subscription needs',
        'Use a superuser in DATABASE_URL',
      ),
    );
  if (slots < needed)
    found.push(
      limit(`${slots} replication slots are free, and ${needed} are needed`, 'Raise max_replication_slots'),
    );
  if (senders < 1) found.push(limit('No WAL sender is free', 'Raise max_wal_senders'));
  if (workers < 1)
    found.push(
      limit(
        'No worker of logical replication is free',
        'Raise max_logical_replication_workers and max_worker_processes',
      ),
    );
  if (origins < 1)
    found.push(
      limit(
        'No replication origin is free',
        server.major < 18 ? 'Raise max_replication_slots' : 'Raise max_active_replication_origins',
      ),
    );
  // the slot keeps the WAL of a copy within its own server
  if (!ownServer && keptMb >= 0 && sizeMb > keptMb)
    found.push(
      limit(
        `The copy writes at least ${sizeMb} MB of WAL, and slots may keep ${keptMb} MB (max_slot_wal_keep_size)`,
        'Raise max_slot_wal_keep_size',
      ),
    );
  return found;
}

function tableLimits({ name, unlogged, anonymous, always }: Table, limit: Limit): Finding[] {
  const found: Finding[] = [];
  if (unlogged)
    found.push(
      limit(`${name} is unlogged: its changes are not replicated`, `ALTER TABLE ${name} SET LOGGED`, name),
    );
  if (anonymous)
    found.push(
      limit(
        `${name} has no key that identifies a changed row`,
        `Add a primary key to ${name}, or set its REPLICA IDENTITY`,
        name,
      ),
    );
  if (always !== null)
    found.push(
      limit(
        `Triggers of ${name} would fire for replicated rows too: ${always.join(', ')}`,
        `ALTER TABLE ${name} ${always.map((trigger) => `ENABLE TRIGGER ${trigger}`).join(', ')}`,
        name,
      ),
    );
  return found;
}

function planLimits({ tables, configuration = [], after }: ExtractionPlan, limit: Limit): Finding[] {
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
    // the target may keep a row in another partition, while changes name the partition of the source
    ...tables
      .filter(({ name, into }) => name !== into)
      .map(({ name }) =>
        limit(`${name} is a hash partition on an enum, whose rows may belong to another partition`, '', name),
      ),
  ];
}

export type Limit = (message: string, remedy: string, object?: string) => Finding;

/** @param instead what is possible without a live cut-over: `export with ...`; `null`: the caller tells */
export const limitOf =
  (instead: string | null): Limit =>
  (message, remedy, object) =>
    finding({
      code: 'live-impossible',
      severity: 'error',
      message,
      remedy: instead === null ? remedy : remedyOr(remedy, instead),
      ...(object === undefined ? {} : { object }),
    });

/** The remedy of a limit, which may be `''`, and what is possible without a live cut-over. */
export const remedyOr = (remedy: string, instead: string): string =>
  remedy === '' ? `${instead.slice(0, 1).toUpperCase()}${instead.slice(1)}` : `${remedy}, or ${instead}`;
