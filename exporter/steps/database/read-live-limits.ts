import type { Finding } from '../../../contracts/plan.ts';
import {
  finding,
  openSession,
  readLiveLimits,
  rowsOf,
  type ExtractionPlan,
} from '../../../extraction/index.ts';

/** A copy as a live cut-over would make it. */
export interface LiveCopy {
  /** Administrator's address of the source's database. */
  readonly sourceUrl: string;
  readonly plan: ExtractionPlan;
  /** Whether the service's database gets a server of its own, in a container of this machine. */
  readonly ownServer: boolean;
  /** Whether the source is in a container of the same compose project. */
  readonly sourceInContainer: boolean;
}

/**
 * Why writes cannot go on while these tables are copied and switched: every reason, as an error `live-impossible` with
 * its own remedy, if there is one. Changes nothing.
 */
export async function readCutoverLimits(copy: LiveCopy): Promise<readonly Finding[]> {
  const { sourceUrl, plan, ownServer } = copy;
  return [
    ...(ownServer ? await unreachableFrom(copy) : []),
    ...(await readLiveLimits(sourceUrl, plan, { ownServer })),
  ];
}

/** Why the source's server could not follow a database whose port is published on loopback of this machine. */
async function unreachableFrom({ sourceUrl, sourceInContainer }: LiveCopy): Promise<readonly Finding[]> {
  const { hostname } = new URL(sourceUrl);
  if (sourceInContainer) return [unreachable("The monolith's database is in a container")];
  if (!LOOPBACK.includes(hostname)) return [unreachable(`The monolith's database is at ${hostname}`)];
  const address = await forwardedTo(sourceUrl);
  return address === null
    ? []
    : [unreachable(`The monolith's database is at ${address}, behind a forwarded port`)];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const ADDRESS = `
SELECT host(inet_server_addr()) AS address
 WHERE NOT (inet_server_addr() <<= '127.0.0.0/8'::inet OR inet_server_addr() = '::1'::inet)`;

/** The address of a server that is not on loopback, although the client has connected there; else `null`. */
async function forwardedTo(sourceUrl: string): Promise<string | null> {
  const session = await openSession({ url: sourceUrl });
  try {
    const [row] = await rowsOf<{ address: string }>(session, ADDRESS);
    return row?.address ?? null;
  } finally {
    await session.end();
  }
}

const unreachable = (where: string): Finding =>
  finding({
    code: 'live-impossible',
    severity: 'error',
    message: `${where}, from which the service's database in a container of this machine cannot be followed back`,
    remedy: 'Export with --runtime=local',
  });
