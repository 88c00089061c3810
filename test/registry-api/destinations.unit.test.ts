import type { LookupAddress, LookupOptions } from 'node:dns';
import { expect } from 'chai';
import { createDestinations } from '../../registry-api/webhooks/destinations.ts';

const ipv4 = (address: string): LookupAddress => ({ address, family: 4 });

/** The answer to a lookup of a name that has these addresses. */
function lookup(
  addresses: readonly string[],
  options: LookupOptions,
  networks: readonly string[] = [],
): Promise<{ problem: string | null; found: unknown }> {
  const destinations = createDestinations(networks, (_name, callback) => {
    callback(null, addresses.map(ipv4));
  });
  return new Promise((resolve) => {
    destinations.lookup('receiver.test', options, (error, found) => {
      resolve({ problem: error?.message ?? null, found });
    });
  });
}

describe('destinations of webhooks', () => {
  const { allows } = createDestinations([]);

  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    it(`allows the public address ${address}`, () => {
      expect(allows(address)).to.equal(true);
    });

  for (const address of [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.8.9.10',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fd12::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'receiver.test',
  ])
    it(`refuses ${address}, which is not public`, () => {
      expect(allows(address)).to.equal(false);
    });

  it('allows the networks of the settings, and nothing beside them', () => {
    const own = createDestinations(['10.1.0.0/16', '::1']);
    expect(['10.1.2.3', '::1', '::ffff:10.1.2.3', '8.8.8.8'].every(own.allows)).to.equal(true);
    expect(['10.2.0.1', '127.0.0.1', 'fe80::1'].some(own.allows)).to.equal(false);
  });

  it('gives a connection only the allowed addresses of a name', async () => {
    expect(await lookup(['10.0.0.1', '8.8.8.8'], { all: true })).to.deep.equal({
      problem: null,
      found: [ipv4('8.8.8.8')],
    });
    expect(await lookup(['10.0.0.1', '8.8.8.8'], {})).to.deep.equal({ problem: null, found: '8.8.8.8' });
    expect((await lookup(['10.0.0.1', '127.0.0.1'], { all: true })).problem).to.equal(
      'the host is not a public address',
    );
    expect((await lookup([], { all: true })).problem).to.equal('the host is not a public address');
  });
});
