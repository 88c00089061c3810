import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '../../../contracts/errors.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** The port was asked for: another one will not do. */
  readonly fixed: boolean;
  /** What the port is for and which variable sets it, for the message. */
  readonly what: string;
  readonly variable: string;
}

export interface Listening {
  readonly port: number;
  /** No new requests; those under way get `graceMs`, then their connections are cut. Safe to call twice. */
  close(graceMs: number): Promise<void>;
}

const TRIES = 50;
/** Longer than a proxy keeps an idle connection: one that the platform closed could meet a request on its way. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Listens on the port, or on the next free one when it was not asked for.
 * @throws PlatformError `port-taken`.
 */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, fixed, what, variable } = options;
  const last = fixed || port === 0 ? port : Math.min(port + TRIES, 65_535);
  for (let candidate = port; candidate <= last; candidate += 1) {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
    if (await bind(server, host, candidate)) return listening(server);
  }
  throw new PlatformError(
    'port-taken',
    `Port ${port} for the ${what} is taken. End what listens there, or choose another one: ${variable}=<port>`,
  );
}

/** False when something else has the port. */
async function bind(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else
        reject(
          new PlatformError('port-taken', `Cannot listen on ${host}:${port}: ${error.message}`, {
            cause: error,
          }),
        );
    });
    server.listen(port, host, () => {
      resolve(true);
    });
  });
}

function listening(server: Server): Listening {
  let closing: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close(graceMs) {
      closing ??= new Promise((resolve) => {
        const cut = setTimeout(() => {
          server.closeAllConnections();
        }, graceMs);
        // A connection whose last answer is out stays open for the next request, which must not come here.
        const sweep = setInterval(() => {
          server.closeIdleConnections();
        }, 50);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(sweep);
          resolve();
        });
      });
      return closing;
    },
  };
}

/** The port that {@link listen} would take, without taking it. */
export async function freePort(options: ListenOptions): Promise<number> {
  const probe = await listen(() => undefined, options);
  await probe.close(0);
  return probe.port;
}
