import { createServer } from 'node:net';

/** `wanted` when nobody has it, else any that is free. On loopback. */
export async function freePortNear(wanted: number): Promise<number> {
  return (await isFree(wanted)) ? wanted : await anyFreePort();
}

const isFree = async (port: number): Promise<boolean> => (await tryListen(port)) === port;

async function anyFreePort(): Promise<number> {
  const port = await tryListen(0);
  if (port === null) throw new Error('this machine gives no port on 127.0.0.1');
  return port;
}

/** The port that could be had, or `null`. It is given back at once. */
function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? null) : null));
    });
  });
}
