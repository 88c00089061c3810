import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy on loopback whose connections can be cut at any byte. */
export interface CuttingProxy {
  readonly url: string;
  /** Ends every connection that has carried an event stream; how many. */
  cutStreams(): number;
  close(): Promise<void>;
}

/**
 * Passes bytes on to `target`, in pieces as they come. The time that a server of events asks its readers to wait
 * before they come back is made fifty milliseconds, so that a hundred cuts take seconds.
 */
export async function openCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const streams = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      if (bytes.includes('text/event-stream')) streams.add(client);
      client.write(hurried(bytes));
    });
    upstream.once('close', () => client.destroy());
    client.once('close', () => {
      streams.delete(client);
      upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutStreams: () => {
      const cut = streams.size;
      for (const socket of streams) socket.destroy();
      streams.clear();
      return cut;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Same length, so that chunked transfer stays whole. */
function hurried(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return Buffer.from(
    text.replace(/retry:( ?)\d{4}/, (_all, space: string) => `retry:${space}0050`),
    'latin1',
  );
}
