import { expect } from 'chai';
import { publisherAddress } from '../../../../extraction/live/follow/publisher-address.ts';

const client = { host: 'localhost', port: 5432, user: 'me', password: null };
const address = (url: string, sslmode?: string): string => publisherAddress(url, client, sslmode);

describe('the address of a publisher', () => {
  it("quotes every character of a password in libpq's way", () => {
    expect(address(`postgresql://me:${encodeURIComponent(`a b'c\\d+@/`)}@db.example:5433/d%20b`)).to.equal(
      `host='db.example' port='5433' dbname='d b' user='me' password='a b\\'c\\\\d+@/' connect_timeout='10'`,
    );
  });

  it('takes from the client what the address leaves to the environment', () => {
    expect(publisherAddress('postgresql:///shop', { ...client, password: 'secret' }, 'verify-full')).to.equal(
      `host='localhost' port='5432' dbname='shop' user='me' password='secret' connect_timeout='10' sslmode='verify-full'`,
    );
  });

  it("keeps the words of libpq and translates those of Node's client", () => {
    const words =
      'sslmode=no-verify&uselibpqcompat=true&connect_timeout=3&application_name=x&sslrootcert=%2Fca.crt';
    expect(address(`postgresql://u@h/d?${words}`)).to.equal(
      `host='h' port='5432' dbname='d' user='u' connect_timeout='3' sslmode='require' sslrootcert='/ca.crt'`,
    );
    expect(address('postgresql://u@h/d?ssl=true')).to.include("sslmode='require'");
    expect(address('postgresql://u@h/d?ssl=0')).to.include("sslmode='disable'");
  });

  it('accepts sockets and IPv6 addresses', () => {
    expect(address('postgresql:///d?user=u&host=/run/postgresql&port=5434')).to.include(
      "host='/run/postgresql' port='5434' dbname='d' user='u'",
    );
    expect(address('postgresql://u@[::1]:5433/d')).to.include("host='::1' port='5433'");
  });
});
