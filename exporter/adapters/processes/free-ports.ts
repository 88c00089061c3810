import getPort, { clearLockedPorts } from 'get-port';

interface PortSearch {
  readonly from: number;
  /** The last port of the search; default: the last of all. */
  readonly to?: number;
  readonly count: number;
  readonly taken: ReadonlySet<number>;
  /** The address that must be free; default: every address of this machine. */
  readonly host?: string;
  /** Keeps the port from other exports. `false`: another export has reserved it. */
  readonly reserve: (port: number) => Promise<boolean>;
}

/** The first `count` ports that are free and could be reserved; fewer when the search ends before. */
export async function freePorts(search: PortSearch): Promise<readonly number[]> {
  const { from, to = 65_535, count, taken, host, reserve } = search;
  const found: number[] = [];
  for (let port = from; found.length < count && port <= to; port++)
    if (!taken.has(port) && (await isFree(port, host)) && (await reserve(port))) found.push(port);
  return found;
}

async function isFree(port: number, host?: string): Promise<boolean> {
  // getPort withholds ports that it has answered before; `reserve` does this across processes
  clearLockedPorts();
  return (await getPort({ port, ...(host === undefined ? {} : { host }) })) === port;
}
