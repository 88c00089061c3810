import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import { createEngine } from './engine.ts';
import { hostOfContainer } from './host-of-container.ts';

/** Lets containers of databases reach databases that listen on loopback of this machine. */
export interface Relays {
  /** The address of `url` for the container whose port `port` is published here. Valid until `close`. */
  addressFor(url: string, port: number): Promise<string>;
  close(): void;
}

/**
 * A server that listens on loopback alone cannot be reached from a container. Each address gets a relay that listens where
 * that container finds its host, and passes no other caller.
 */
export function createRelays(engine: () => Docker = createEngine): Relays {
  const open = new Map<string, { readonly address: string; readonly relay: Relay }>();
  return {
    async addressFor(url, port) {
      const key = `${url} ${port}`;
      const kept = open.get(key);
      if (kept !== undefined) return kept.address;
      const { gateway, own } = await hostOfContainer(engine(), port);
      const relay = await openRelay(new URL(url), gateway, own);
      const address = addressAt(url, relay);
      open.set(key, { address, relay });
      return address;
    },
    close() {
      for (const { relay } of open.values()) relay.close();
      open.clear();
    },
  };
}

interface Relay {
  /** Where the container finds it. */
  readonly host: string;
  readonly port: number;
  close(): void;
}

/** `hostaddr` is where libpq connects, and the host in the URL is what a certificate has to name. */
function addressAt(url: string, { host, port }: Relay): string {
  const at = new URL(url);
  at.port = String(port);
  if (host === DESKTOP_HOST) at.hostname = host;
  else at.searchParams.set('hostaddr', host);
  return at.href;
}

/** Docker Desktop runs containers in a virtual machine, from which this name leads to loopback of the machine. */
const DESKTOP_HOST = 'host.docker.internal';
const LOOPBACK = '127.0.0.1';

async function openRelay(target: URL, gateway: string, caller: string): Promise<Relay> {
  const sockets = new Set<Socket>();
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1'); // a URL writes IPv6 in brackets
  const server = createServer({ noDelay: true }, (from) => {
    if (!isFrom(caller, from)) {
      from.destroy();
      return;
    }
    const to = connect({ host, port: Number(target.port || '5432'), noDelay: true });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.unref();
    }
  });
  const found = await listen(server, gateway);
  server.unref();
  return {
    host: found,
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Behind a virtual machine, the gateway is not an address of this one, and callers come from loopback. */
const isFrom = (caller: string, { remoteAddress, localAddress }: Socket): boolean =>
  localAddress === LOOPBACK || remoteAddress === caller;

/** The host at which the container finds the server. */
async function listen(server: Server, gateway: string): Promise<string> {
  try {
    await listenAt(server, gateway);
    return gateway;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw asPlatformError(error, gateway);
    await listenAt(server, LOOPBACK);
    return DESKTOP_HOST;
  }
}

const listenAt = (server: Server, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => {
      server.off('error', reject);
      resolve();
    });
  });

const asPlatformError = (cause: unknown, gateway: string): PlatformError =>
  new PlatformError(
    'step-failed',
    `The service's database cannot be led to the monolith's, as nothing can listen at ${gateway}: ${(cause as Error).message}. Export with --cutover=fenced.`,
    { cause },
  );
