import pg from 'pg';

/**
 * Runs `work` on a new connection and always closes it. If the server closes the connection, the current or the
 * next statement fails.
 *
 * @throws the errors of connecting and of `work`.
 */
export async function withConnection<T>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(config);
  // A disconnect between two statements is an event, which without a listener would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
