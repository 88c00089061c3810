import net from 'node:net';

/** Refuses every connection of this process except to this machine and the database's host. */
export function refuseOutsideConnections(databaseHost: string | undefined): void {
  const allowed = new Set(['localhost', '127.0.0.1', '::1', databaseHost]);
  const connect = net.Socket.prototype.connect; // eslint-disable-line @typescript-eslint/unbound-method -- it is applied to each socket
  const guarded = function (this: net.Socket, ...args: Parameters<typeof connect>): net.Socket {
    const host = hostOf(...((Array.isArray(args[0]) ? args[0] : args) as ConnectArguments));
    if (allowed.has(host)) return connect.apply(this, args);
    const refused = Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: 'ECONNREFUSED' });
    process.nextTick(() => this.destroy(refused));
    return this;
  };
  net.Socket.prototype.connect = guarded as typeof connect;
}

type ConnectArguments = [first: net.SocketConnectOpts | number | string, second?: unknown];

/** The host of `connect(options)` or `connect(port, host)`; a path is a socket of this machine. */
function hostOf(...[first, second]: ConnectArguments): string {
  const host = typeof first === 'object' ? 'host' in first && first.host : second;
  return typeof host === 'string' ? host : 'localhost';
}
