import pg from 'pg';
import type { ToolLogin } from './process/messages.ts';

/** The connection settings of `url` with another user. */
export function asUser(url: string, user: string, password: string): ToolLogin {
  // pg reads forms of an address that URL does not: sockets, several hosts, ssl parameters
  const { host, port, database, ssl } = new pg.Client({ connectionString: url }) as pg.ClientConfig;
  const login = { host, port, user, password, ...(database === undefined ? {} : { database }) };
  if (typeof ssl !== 'object') return { ...login, ssl };
  const { checkServerIdentity, ...plain } = ssl;
  return { ...login, ssl: plain, ...(checkServerIdentity === undefined ? {} : { anyHost: true }) };
}
