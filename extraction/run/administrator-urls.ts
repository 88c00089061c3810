import type { SecretStore, ServerRef } from '../api.ts';
import { withDatabase } from './target.ts';

export interface DatabasePortOptions {
  /** Administrator's address of the source's database. */
  readonly sourceUrl: string;
  readonly secrets: SecretStore;
}

export interface LivePortOptions extends DatabasePortOptions {
  /** The address at which the server `follower` reaches the server of `url`; by default the same. */
  readonly addressFor?: (url: string, follower: ServerRef) => Promise<string>;
}

/** The administrator's address of a database on the source's server or on the service's own. */
export function administratorUrls({
  sourceUrl,
  secrets,
}: DatabasePortOptions): (server: ServerRef, database: string) => Promise<string> {
  return async (server, database) => {
    if (server.kind === 'source') return withDatabase(sourceUrl, database);
    const url = new URL(`postgresql://${server.host}:${server.port}/${encodeURIComponent(database)}`);
    url.username = server.user;
    url.password = await secrets.read(server.secret);
    return url.href;
  };
}
