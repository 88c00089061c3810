import pg from 'pg';
import type { Finding } from '../../../contracts/plan.ts';
import { FENCE_FUNCTION } from '../../../contracts/fence.ts';
import type { ExtractionPlan } from '../../plan/plan.ts';
import { messageOf, openSession, rowsOf, sqlStateOf, type Session } from '../../run/session.ts';
import { openMaintenance } from '../../run/target.ts';
import { limitOf, readPlanLimits, type Limit } from '../limits.ts';
import { addressSeenBy } from './connection-of.ts';
import { trySubscription } from './try-subscription.ts';
import { FOLLOW_NAME, type FollowNames } from './names.ts';

/** A server as it is to send or to receive changes. Numbers are what is free now. */
export interface Server {
  readonly user: string;
  readonly superuser: boolean;
  readonly replication: boolean;
  readonly subscriber: boolean;
  readonly creator: boolean;
  readonly standby: boolean;
  readonly major: number;
  readonly walLevel: string;
  readonly slots: number;
  readonly senders: number;
  readonly workers: number;
  readonly origins: number;
}

// max_active_replication_origins since PostgreSQL 18; before, the number of slots limits origins too
const SERVER = `
SELECT quote_ident(current_user) AS user, r.rolsuper AS superuser, r.rolreplication AS replication,
  r.rolsuper OR coalesce((SELECT pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname = 'pg_create_subscription'), false) AS subscriber,
  has_database_privilege(current_database(), 'CREATE') AS creator,
  pg_is_in_recovery() AS standby,
  current_setting('server_version_num')::int / 10000 AS major, current_setting('wal_level') AS "walLevel",
  current_setting('max_replication_slots')::int - (SELECT count(*)::int FROM pg_replication_slots) AS slots,
  current_setting('max_wal_senders')::int - (SELECT count(*)::int FROM pg_stat_replication) AS senders,
  least(current_setting('max_logical_replication_workers')::int, current_setting('max_worker_processes')::int - 1)
    - (SELECT count(*)::int FROM pg_stat_subscription WHERE pid IS NOT NULL) AS workers,
  coalesce(current_setting('max_active_replication_origins', true), current_setting('max_replication_slots'))::int
    - (SELECT count(*)::int FROM pg_replication_origin) AS origins
FROM pg_roles r WHERE r.rolname = current_user`;

const NOT_OWNED = `
SELECT wanted.name FROM unnest($1::text[]) wanted(name) JOIN pg_class c ON c.oid = wanted.name::regclass
 WHERE NOT pg_has_role(c.relowner, 'USAGE')`;

const FENCED = `
SELECT t.tgrelid::regclass::text AS table, p.proname AS fence FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid = ANY ($1::regclass[]::oid[]) AND p.pronamespace = to_regnamespace($2) AND p.proname <> ALL ($3::text[])
   AND p.prosrc LIKE '%RAISE%'`;

const ORPHANS = `
SELECT slot_name AS slot FROM pg_replication_slots
 WHERE slot_name ~ $1 AND slot_name <> $2 AND database = current_database() AND NOT active`;

export interface FollowLimitsSpec {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  /** The addresses at which each server reaches the other. */
  readonly sourceFromTarget: string;
  readonly targetFromSource: string;
  readonly targetIsMissing: boolean;
  readonly names: FollowNames;
  readonly fenced: readonly string[];
  /** Fences of killed runs, which are removed before this one begins. */
  readonly killedFences: readonly string[];
  readonly reverse: boolean;
}

/** Every reason why the target cannot follow the source, or not until a switch. Changes nothing. */
export async function readFollowLimits(spec: FollowLimitsSpec, plan: ExtractionPlan): Promise<Finding[]> {
  const limit = limitOf('extract without --follow');
  const backLimit = limitOf('extract without --reverse');
  const source = await openSession({ url: spec.sourceUrl });
  try {
    const target = spec.targetIsMissing
      ? await openMaintenance(spec.targetUrl)
      : await openSession({ url: spec.targetUrl });
    try {
      const [from, to] = [await readServer(source), await readServer(target)];
      const servers = [
        ...publisherLimits('source', from, false, limit),
        ...(spec.reverse ? publisherLimits('target', to, spec.targetIsMissing, backLimit) : []),
        ...subscriberLimits('target', to, spec.targetIsMissing, limit),
        ...(spec.reverse ? subscriberLimits('source', from, false, backLimit) : []),
      ];
      return [
        ...servers,
        ...(await tableLimits(source, spec, limit)),
        ...(await readPlanLimits(source, plan, limit)),
        ...(servers.length > 0 ? [] : await connectionLimits(spec, { source, target }, { limit, backLimit })),
        ...(await orphans(source, spec.names)),
      ];
    } finally {
      await target.end();
    }
  } finally {
    await source.end();
  }
}

async function readServer(session: Session): Promise<Server> {
  const [row] = await rowsOf<Server>(session, SERVER);
  if (row === undefined) throw new Error('pg_roles has no row for the current user');
  return row;
}

type Side = 'source' | 'target';

export function publisherLimits(side: Side, server: Server, missing: boolean, limit: Limit): Finding[] {
  const { user, walLevel, slots, senders } = server;
  const found: Finding[] = [];
  if (server.standby)
    found.push(limit(`The ${side}'s server is a standby`, 'Use the address of its primary'));
  if (walLevel !== 'logical')
    found.push(
      limit(
        `wal_level of the ${side}'s server is ${walLevel}`,
        'Run there ALTER SYSTEM SET wal_level = logical, and restart PostgreSQL',
      ),
    );
  if (!server.superuser && !server.replication)
    found.push(
      limit(
        `${user}, the user of the ${side}, may not create a replication slot`,
        `Let a superuser run there ALTER ROLE ${user} REPLICATION`,
      ),
    );
  if (!server.creator && !missing) found.push(noCreate(side, server, limit));
  if (slots < 1)
    found.push(limit(`No replication slot of the ${side}'s server is free`, 'Raise max_replication_slots'));
  if (senders < 1)
    found.push(limit(`No WAL sender of the ${side}'s server is free`, 'Raise max_wal_senders'));
  return found;
}

const noCreate = (side: Side, { user }: Server, limit: Limit): Finding =>
  limit(
    `${user}, the user of the ${side}, has no privilege CREATE on the database, which publications, subscriptions and fences need`,
    `GRANT CREATE ON DATABASE ... TO ${user}`,
  );

export function subscriberLimits(side: Side, server: Server, missing: boolean, limit: Limit): Finding[] {
  const { user, major, workers, origins } = server;
  const found: Finding[] = [];
  if (!server.subscriber)
    found.push(
      major < 16
        ? limit(
            `${user}, the user of the ${side}, is no superuser, which a subscription needs before PostgreSQL 16`,
            'Use a superuser there',
          )
        : limit(
            `${user}, the user of the ${side}, may not create a subscription`,
            `Let a superuser run there GRANT pg_create_subscription TO ${user}`,
          ),
    );
  else if (!server.creator && !missing) found.push(noCreate(side, server, limit));
  if (workers < 1)
    found.push(
      limit(
        `No worker of logical replication of the ${side}'s server is free`,
        'Raise max_logical_replication_workers and max_worker_processes',
      ),
    );
  if (origins < 1)
    found.push(
      limit(
        `No replication origin of the ${side}'s server is free`,
        major < 18 ? 'Raise max_replication_slots' : 'Raise max_active_replication_origins',
      ),
    );
  return found;
}

async function tableLimits(source: Session, spec: FollowLimitsSpec, limit: Limit): Promise<Finding[]> {
  const { fenced, killedFences } = spec;
  const others = await rowsOf<{ name: string }>(source, NOT_OWNED, [fenced]);
  const closed = await rowsOf<{ table: string; fence: string }>(source, FENCED, [
    fenced,
    FENCE_FUNCTION,
    killedFences,
  ]);
  return [
    ...others.map(({ name }) =>
      limit(
        `The user of the source does not own ${name}, which a publication and a fence need`,
        'Use its owner or a member of that role',
        name,
      ),
    ),
    ...closed.map(({ table, fence }) =>
      limit(
        `${table} takes no writes: an earlier cut-over has closed the fence ${FENCE_FUNCTION}.${fence}`,
        `Run in the source DROP FUNCTION ${FENCE_FUNCTION}.${pg.escapeIdentifier(fence)}() CASCADE if that cut-over no longer counts`,
        table,
      ),
    ),
  ];
}

/** Tries the subscriptions themselves, in transactions that are rolled back: rights, addresses, passwords and TLS. */
async function connectionLimits(
  spec: FollowLimitsSpec,
  { source, target }: { readonly source: Session; readonly target: Session },
  { limit, backLimit }: { readonly limit: Limit; readonly backLimit: Limit },
): Promise<Finding[]> {
  const out = await trySubscription(target, spec.names.out, addressSeenBy(spec.sourceFromTarget, source));
  const back =
    spec.reverse && !spec.targetIsMissing
      ? await trySubscription(source, spec.names.back, addressSeenBy(spec.targetFromSource, target))
      : null;
  const found = [];
  if (out !== null && !(spec.targetIsMissing && isDenied(out)))
    found.push(unreachable(['target', 'source'], out, limit));
  if (back !== null) found.push(unreachable(['source', 'target'], back, backLimit));
  return found;
}

const unreachable = ([at, of]: readonly [Side, Side], error: Error, limit: Limit): Finding =>
  limit(
    `The ${at}'s server cannot subscribe to the ${of}: ${messageOf(error)}`,
    `Correct the address, or give the one at which the ${at}'s server reaches the ${of} as --${of}-from-${at}. A user that is no superuser needs a password in the address, and a server that asks for it`,
  );

/** In another database than that of the subscription, a missing privilege means nothing. */
const isDenied = (error: Error): boolean => sqlStateOf(error) === '42501' && /database/.test(error.message);

async function orphans(source: Session, names: FollowNames): Promise<Finding[]> {
  const rows = await rowsOf<{ slot: string }>(source, ORPHANS, [FOLLOW_NAME, names.out]);
  return rows.map(({ slot }) => ({
    code: 'orphaned-slot',
    severity: 'warning',
    step: 'database',
    object: slot,
    message: `The replication slot ${slot} of the source has no reader: an extraction to another target was killed, or its target is away. The server keeps its WAL for it.`,
    remedy: `Run gulp extract --clean-up with that target and its tables, or in the source: SELECT pg_drop_replication_slot('${slot}'); DROP PUBLICATION IF EXISTS ${slot};`,
  }));
}
