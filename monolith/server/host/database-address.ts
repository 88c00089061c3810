import pg from 'pg';

/** The database of `url` for another user: every other part of the address stays as it is. */
export function asUser(url: string, user: string, password: string): pg.ClientConfig {
  // pg reads an address in more forms than URL does (sockets, several hosts, ssl parameters)
  const { host, port, database, ssl } = new pg.Client({ connectionString: url });
  return { host, port, ssl, user, password, ...(database === undefined ? {} : { database }) };
}
