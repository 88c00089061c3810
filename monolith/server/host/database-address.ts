import pg from 'pg';

/** The connection settings of `url` with another user. */
export function asUser(url: string, user: string, password: string): pg.ClientConfig {
  // pg reads forms of an address that URL does not: sockets, several hosts, ssl parameters
  const { host, port, database, ssl } = new pg.Client({ connectionString: url });
  return { host, port, ssl, user, password, ...(database === undefined ? {} : { database }) };
}
