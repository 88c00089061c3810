import type { Finding } from '../../../contracts/plan.ts';
import type { ReturnStream } from '../../../contracts/return-stream.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';
import type { WayBack } from '../ways-back.ts';
import { applyErrorIn } from './apply-error.ts';

/** One finding for each tool that was exported live: whether a rollback would find its writes in the monolith. */
export async function waysBackFindings(
  client: Queryable,
  streams: readonly WayBack[],
): Promise<readonly Finding[]> {
  const failing = streams.some(({ state, errors }) => state === 'broken' && errors > 0);
  const log = failing ? await endOfLog(client) : null;
  const found = await Promise.all(
    streams.map(async (stream): Promise<readonly Finding[]> => {
      const reason = log === null ? null : applyErrorIn(log, await originOf(client, stream.name));
      return [toFinding(stream, reason), ...stream.additions.map((addition) => leftBehind(stream, addition))];
    }),
  );
  return found.flat();
}

const leftBehind = ({ id }: WayBack, addition: string): Finding => ({
  code: 'way-back-partial',
  severity: 'warning',
  step: 'preflight',
  object: id,
  message: `Only in the service of ${id}, and left behind by a rollback: ${addition}`,
  remedy: 'The monolith has no place for it. Before a rollback, save its values elsewhere',
});

function toFinding({ id, state, text, remedy, errors }: ReturnStream, reason: string | null): Finding {
  const why = reason === null || errors === 0 ? '' : `. PostgreSQL's last message: ${reason}`;
  return {
    code: state === 'following' ? 'doctor' : `way-back-${state}`,
    severity: SEVERITIES[state],
    step: 'preflight',
    object: id,
    message:
      state === 'following' ? `The monolith's tables follow the service of ${id}` : `${id}: ${text}${why}`,
    remedy: remedy ?? '',
  };
}

const SEVERITIES: Readonly<Record<ReturnStream['state'], Finding['severity']>> = {
  following: 'info',
  behind: 'warning',
  broken: 'error',
};

const LOG_BYTES = 262_144;

// server.log in the data directory is that of the embedded server
const END_OF_LOG = `
SELECT pg_read_binary_file(file, greatest(0, (pg_stat_file(file)).size - $1), $1) AS log
  FROM (SELECT coalesce(pg_current_logfile(), 'server.log')) AS place(file)`;

/** `null` where the server's log is elsewhere, or the user may not read it. */
async function endOfLog(client: Queryable): Promise<string | null> {
  const result = await client
    .query<{ log: Buffer }>(END_OF_LOG, [LOG_BYTES])
    .catch(() => ({ rows: [] as { log: Buffer }[] }));
  return result.rows[0]?.log.toString('utf8') ?? null;
}

/** The name under which PostgreSQL's log mentions a subscription. */
async function originOf(client: Queryable, subscription: string): Promise<string | null> {
  const { rows } = await client.query<{ origin: string }>(
    `SELECT 'pg_' || oid AS origin FROM pg_subscription
      WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [subscription],
  );
  return rows[0]?.origin ?? null;
}
