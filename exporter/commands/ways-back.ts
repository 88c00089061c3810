import type { ReturnStream } from '../../contracts/return-stream.ts';
import type { Settings } from '../../contracts/settings.ts';
import { openSession, readAdditions, withDatabase } from '../../extraction/index.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';
import { createReturnStreams } from '../../registry-api/store/return-streams.ts';
import { askReturnStreams } from '../adapters/platform/tool-states.ts';

/** The way back of a tool, and what it cannot carry. */
export interface WayBack extends ReturnStream {
  /** Tables and columns that the service got after the export: the monolith does not have them. */
  readonly additions: readonly string[];
}

/** Where to ask. */
interface Place {
  readonly client: Queryable;
  /** Administrator's address of the platform's database. */
  readonly databaseUrl: string;
  readonly platform: { readonly url: string } | null;
  readonly settings: Settings;
}

/**
 * How the monolith follows the services of tools that were exported live. A running platform is asked first: only its
 * earlier readings tell the age of a lag.
 */
export async function readWaysBack({
  client,
  databaseUrl,
  platform,
  settings,
}: Place): Promise<readonly WayBack[]> {
  const known = platform === null ? null : await askReturnStreams(platform.url, settings);
  const streams = known ?? (await createReturnStreams(client).read());
  return Promise.all(
    streams.map(async (stream) => ({ ...stream, additions: await additionsOf(stream, databaseUrl) })),
  );
}

/** Nothing where the service's database does not answer: its health tells that. */
async function additionsOf({ database }: ReturnStream, databaseUrl: string): Promise<readonly string[]> {
  if (database === null) return [];
  const session = await openSession({ url: withDatabase(databaseUrl, database) }).catch(() => null);
  if (session === null) return [];
  try {
    return await readAdditions(session);
  } finally {
    await session.end();
  }
}
