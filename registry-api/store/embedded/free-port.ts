import { createServer } from 'node:net';

/** `preferred` if nobody listens there on loopback, else one that the system names. */
export async function freePort(preferred: number | null = null): Promise<number> {
  if (preferred !== null && (await listen(preferred)) !== null) return preferred;
  const port = await listen(0);
  if (port === null) throw new Error('The system has no free TCP port on 127.0.0.1.');
  return port;
}

async function listen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
