import { BlockList, isIP } from 'node:net';

/** A range of addresses; of a single one with the longest prefix. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Reads `10.0.0.5`, `10.0.0.0/8` or `fd00::/8`; `null` for anything else. */
export function parseNetwork(text: string): Network | null {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return null;
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return null;
  return prefix > longest ? null : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Whether an address is in one of the networks. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) counts as itself. */
export function matchNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network === null)
      throw new RangeError(`${text}: must be an IP address or a range such as 10.0.0.0/8`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}
