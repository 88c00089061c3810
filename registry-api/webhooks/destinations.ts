import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { matchNetworks } from '../../contracts/networks.ts';

/** IPv4 ranges that are not the public internet (IANA special-purpose address registry, RFC 6890). */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Global unicast addresses of IPv6 (RFC 4291), and the ranges in it that lead elsewhere: Teredo, 6to4, examples. */
const GLOBAL_IPV6 = ['2000::/3'];
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Decides to which addresses webhooks may be delivered. */
export interface Destinations {
  /** Whether an IP address is public, or in a network of the settings. */
  readonly allows: (address: string) => boolean;
  /**
   * Resolves a name for a connection, and gives only allowed addresses: what was checked is what is connected to, so
   * that a name cannot change in between.
   */
  readonly lookup: LookupFunction;
}

/** @param networks addresses and CIDR ranges that are allowed in addition to public addresses */
export function createDestinations(
  networks: readonly string[],
  resolveAll: (name: string, callback: ResolveCallback) => void = resolveEvery,
): Destinations {
  const listed = matchNetworks(networks);
  const special4 = matchNetworks(SPECIAL_IPV4);
  const special6 = matchNetworks(SPECIAL_IPV6);
  const global6 = matchNetworks(GLOBAL_IPV6);
  const isPublic = (address: string): boolean => {
    // inside IPv6 (::ffff:10.0.0.1) an IPv4 address counts as itself
    const mapped = /^::ffff:/i.test(address);
    if (isIP(address) === 4 || mapped) return !special4(address);
    return global6(address) && !special6(address);
  };
  const allows = (address: string): boolean => listed(address) || isPublic(address);
  return {
    allows,
    lookup(name, options, callback) {
      resolveAll(name, (error, addresses) => {
        const allowed = (addresses ?? []).filter(({ address }) => allows(address));
        const [first] = allowed;
        if (error !== null) callback(error, '');
        else if (first === undefined) callback(refusal(), '');
        else if (options.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      });
    },
  };
}

type ResolveCallback = (error: NodeJS.ErrnoException | null, addresses?: LookupAddress[]) => void;

const resolveEvery = (name: string, callback: ResolveCallback): void => {
  resolve(name, { all: true }, callback);
};

/** Does not name the address, which may be internal. */
export const NOT_PUBLIC = 'is not a public address';
const refusal = (): Error => new Error(`the host ${NOT_PUBLIC}`);

/** The IP address that a URL names, without the brackets of IPv6; `null` for a name. */
export function addressIn({ hostname }: URL): string | null {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? null : address;
}
