import pg from 'pg';

/**
 * Runs `work` on a connection of its own, which is closed at the end, whatever that is. A connection that the
 * server cuts fails the statement under way, or the next one.
 *
 * @throws what connecting or `work` throws.
 */
export async function withConnection<T>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(config);
  // A cut that arrives between two statements is an event, and one that nobody hears would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
