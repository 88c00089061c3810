import { createServer } from 'node:net';

/**
 * The next `count` ports from `from` up that nobody listens on, that `taken` does not hold, and that no other export at
 * work has chosen.
 */
export async function freePorts(options: {
  readonly from: number;
  readonly count: number;
  readonly taken: ReadonlySet<number>;
  /** Keeps others from choosing it meanwhile; `false`: somebody has. */
  readonly reserve: (port: number) => Promise<boolean>;
}): Promise<readonly number[]> {
  const found: number[] = [];
  for (let port = options.from; found.length < options.count && port <= 65_535; port++)
    if (!options.taken.has(port) && (await isFree(port)) && (await options.reserve(port))) found.push(port);
  return found;
}

/** Ports of this machine that the compose file gives to its containers, whether these run or not. */
export function portsOf(composeText: string): ReadonlySet<number> {
  return new Set(
    Array.from(composeText.matchAll(/127\.0\.0\.1:(?:\$\{\w+:-)?(\d+)\}?:\d+/g), (m) => Number(m[1])),
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
