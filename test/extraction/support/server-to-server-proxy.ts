import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The way from one server to another, which can be cut as a failing network cuts it: without a word to either end. */
export interface ServerProxy {
  /** The address of `url` by this way. */
  address(url: string): string;
  /** No byte passes any more, and new connections get no answer. */
  cut(): void;
  /** Connections of before the cut are lost; new ones pass. */
  mend(): void;
  close(): Promise<void>;
}

export async function openServerProxy(url: string): Promise<ServerProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    if (isCut) {
      client.pause();
      return;
    }
    const upstream = connect(Number(port), hostname);
    sockets.add(upstream);
    upstream.on('error', () => undefined);
    client.pipe(upstream);
    upstream.pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    address(of) {
      const at = new URL(of);
      at.hostname = '127.0.0.1';
      at.port = String(own);
      return at.href;
    },
    cut() {
      isCut = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    mend() {
      isCut = false;
      destroyAll();
    },
    async close() {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
