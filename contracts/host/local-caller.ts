import type { Request } from 'express';

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|[a-z0-9-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);

/**
 * Whether a request comes from this machine. All signs must agree: the address of the connection; every address
 * that a proxy has forwarded (the gateway itself runs on loopback); and the Host header, which exposes a page
 * that uses DNS rebinding. Headers can only remove trust, never add it.
 *
 * @param isNeighbour in a container: whether an address is one from which requests to its published ports arrive
 */
export function isLocal(request: Request, isNeighbour: (address: string) => boolean = () => false): boolean {
  const isNear = (address: string): boolean => LOOPBACK_ADDRESS.test(address) || isNeighbour(address);
  if (!isNear(request.socket.remoteAddress ?? '')) return false;
  if (!isLoopbackHost(request.headers.host ?? '')) return false;
  const forwarded = [request.headers['x-forwarded-for'] ?? [], request.headers['x-real-ip'] ?? []].flat();
  const named = forwarded.flatMap((line) => line.split(',')).map((address) => address.trim());
  return named.every(isNear) && request.headers.forwarded === undefined;
}
