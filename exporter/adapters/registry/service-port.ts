import type { Queryable } from '../../../registry-api/store/pool.ts';
import { lockHolder, tryLock } from '../../../registry-api/store/export-lock.ts';
import { freePorts } from '../../adapters/processes/free-ports.ts';

export interface ServicePort {
  readonly port: number;
  readonly free: boolean;
}

export interface PortQuestion {
  readonly session: Queryable;
  /** `null`: the first free port from `from` up. */
  readonly requested: number | null;
  readonly from: number;
  /** Reserve the port for the lifetime of this session. `false` in a dry run. */
  readonly reserve: boolean;
}

const RANGE = 500;

/**
 * Finds the port of the service. Running exports reserve their ports by advisory locks, completed exports by the
 * registry. The port must be free on every address, as the service may listen on all of them.
 */
export async function findServicePort(question: PortQuestion): Promise<ServicePort> {
  const { session, requested, reserve } = question;
  const { rows } = await session.query<{ url: string }>(
    'SELECT service_url AS url FROM tool_registry WHERE is_exported AND service_url IS NOT NULL',
  );
  const from = requested ?? question.from;
  const [port] = await freePorts({
    from,
    to: requested ?? Math.min(from + RANGE - 1, 65_535),
    count: 1,
    taken: new Set(rows.map((r) => Number(new URL(r.url).port))),
    reserve: (wanted) => reservePort(session, wanted, { lookOnly: !reserve }),
  });
  return { port: port ?? from, free: port !== undefined };
}

/** Reserves the port for the lifetime of this session. `false`: another export has reserved it. */
export async function reservePort(
  session: Queryable,
  port: number,
  { lookOnly }: { readonly lookOnly: boolean },
): Promise<boolean> {
  const key = `#port:${port}`;
  return lookOnly ? (await lockHolder(session, key)) === null : tryLock(session, key);
}
