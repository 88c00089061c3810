import { createServer } from 'node:net';
import type { Queryable } from '../../../registry-api/store/jobs.ts';
import { lockHolder, tryLock } from '../../../registry-api/store/export-lock.ts';

export interface ServicePort {
  readonly port: number;
  readonly free: boolean;
}

export interface PortQuestion {
  readonly session: Queryable;
  readonly host: string;
  /** `null`: the first free one from `from` up. */
  readonly asked: number | null;
  readonly from: number;
  /** Keep others from taking it while this session lives. A dry run only looks. */
  readonly reserve: boolean;
}

const RANGE = 500;

/** The port of the service to be. Exports at work reserve theirs by an advisory lock, finished ones by the registry. */
export async function findServicePort(question: PortQuestion): Promise<ServicePort> {
  const { session, asked, from } = question;
  const { rows } = await session.query<{ url: string }>(
    'SELECT service_url AS url FROM tool_registry WHERE is_exported AND service_url IS NOT NULL',
  );
  const known = new Set(rows.map((r) => Number(new URL(r.url).port)));
  if (asked !== null) return { port: asked, free: !known.has(asked) && (await take(question, asked)) };
  for (let port = from; port < Math.min(from + RANGE, 65_536); port += 1)
    if (!known.has(port) && (await take(question, port))) return { port, free: true };
  return { port: from, free: false };
}

async function take({ session, host, reserve }: PortQuestion, port: number): Promise<boolean> {
  return (await nobodyListens(host, port)) && reservePort(session, port, { lookOnly: !reserve });
}

/** Keeps other exports from choosing the port while this session lives. `false`: one at work has chosen it. */
export async function reservePort(
  session: Queryable,
  port: number,
  { lookOnly }: { readonly lookOnly: boolean },
): Promise<boolean> {
  const key = `#port:${port}`;
  return lookOnly ? (await lockHolder(session, key)) === null : tryLock(session, key);
}

/** Binding is the only honest test; both the asked address and all addresses can be in use. */
async function nobodyListens(host: string, port: number): Promise<boolean> {
  return (await canBind(host, port)) && (await canBind(undefined, port));
}

function canBind(host: string | undefined, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, ...(host === undefined ? {} : { host }), exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
