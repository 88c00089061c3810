import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A stand-in for a connection pooler: like PgBouncer, it tells each client a process number of its own, in the message
 * BackendKeyData, instead of the backend's (PostgreSQL 15 manual, 55.7).
 */
export async function openPooler(
  url: string,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
    client.pipe(upstream);
    let told = false;
    upstream.on('data', (bytes: Buffer) => {
      // 'K', the length 12, and the number
      const at = told ? -1 : bytes.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
      if (at >= 0) {
        told = true;
        bytes.writeInt32BE(bytes.readInt32BE(at + 5) + 1, at + 5);
      }
      client.write(bytes);
    });
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pooled = new URL(url);
  pooled.port = String((server.address() as AddressInfo).port);
  return {
    url: pooled.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
