import pg from 'pg';
import type { ToolLogin } from '../process/messages.ts';

/** The connection settings of `url` with another user. */
export const asUser = (url: string, user: string, password: string): ToolLogin => ({
  ...loginOf(url),
  user,
  password,
});

/** The connection settings of an address. */
export function loginOf(url: string): ToolLogin {
  // pg reads forms of an address that URL does not: sockets, several hosts, ssl parameters
  const { host, port, user, password, database, ssl } = new pg.Client({
    connectionString: url,
  }) as pg.ClientConfig;
  const login = { host, port, user, password, database };
  if (typeof ssl !== 'object') return { ...login, ssl };
  const { checkServerIdentity, ...plain } = ssl;
  return { ...login, ssl: plain, ...(checkServerIdentity === undefined ? {} : { anyHost: true }) };
}
