import net from 'node:net';

/** Refuses every connection of this process except to this machine and the database's host. */
export function refuseOutsideConnections(databaseUrl: string): void {
  const allowed = new Set(['localhost', '127.0.0.1', '::1', new URL(databaseUrl).hostname]);
  const connect = net.Socket.prototype.connect; // eslint-disable-line @typescript-eslint/unbound-method -- it is applied to each socket
  const guarded = function (this: net.Socket, ...args: Parameters<typeof connect>): net.Socket {
    const [first] = (Array.isArray(args[0]) ? args[0] : args) as [
      net.SocketConnectOpts | number | string,
      unknown,
    ];
    const host = typeof first === 'object' && 'host' in first ? (first.host ?? 'localhost') : 'localhost';
    if (allowed.has(host)) return connect.apply(this, args);
    const refused = Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: 'ECONNREFUSED' });
    process.nextTick(() => this.destroy(refused));
    return this;
  };
  net.Socket.prototype.connect = guarded as typeof connect;
}
