import type { ReturnStream } from '../../contracts/return-stream.ts';
import type { Settings } from '../../contracts/settings.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';
import { createReturnStreams } from '../../registry-api/store/return-streams.ts';
import { askReturnStreams } from '../adapters/platform/tool-states.ts';

/**
 * How the monolith follows the services of tools that were exported live. A running platform is asked first: only its
 * earlier readings tell the age of a lag.
 */
export async function readWaysBack(
  client: Queryable,
  platform: { readonly url: string } | null,
  settings: Settings,
): Promise<readonly ReturnStream[]> {
  const known = platform === null ? null : await askReturnStreams(platform.url, settings);
  return known ?? createReturnStreams(client).read();
}
