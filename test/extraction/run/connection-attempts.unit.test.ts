import { expect } from 'chai';
import { connectionAttempts } from '../../../extraction/run/connection-attempts.ts';

const at = (query: string): string => `postgresql://u@h:5432/d${query}`;

describe('attempts to connect', () => {
  it('tries an unencrypted connection first when no mode is given', () => {
    expect(connectionAttempts(at(''), undefined)).to.deep.equal([
      at('?sslmode=disable'),
      at('?sslmode=prefer&uselibpqcompat=true'),
    ]);
  });

  it('prefers the mode in the address to that in the environment', () => {
    expect(connectionAttempts(at(''), 'require')).to.deep.equal([at('?sslmode=require&uselibpqcompat=true')]);
    expect(connectionAttempts(at('?sslmode=disable'), 'require')).to.deep.equal([at('?sslmode=disable')]);
  });

  it('never falls back from a mode that demands encryption', () => {
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      expect(connectionAttempts(at(`?sslmode=${mode}`), undefined)).to.deep.equal([
        at(`?sslmode=${mode}&uselibpqcompat=true`),
      ]);
  });

  it('leaves addresses with ssl options of node-postgres unchanged', () => {
    for (const query of [
      '?ssl=true',
      '?sslmode=no-verify',
      '?sslrootcert=/ca.pem',
      '?sslmode=require&uselibpqcompat=true',
    ])
      expect(connectionAttempts(at(query), undefined)).to.deep.equal([at(query)]);
  });

  it("trusts the system's authorities for sslrootcert=system", () => {
    expect(connectionAttempts(at('?sslmode=verify-full&sslrootcert=system'), undefined)).to.deep.equal([
      at('?sslmode=verify-full&uselibpqcompat=true'),
    ]);
  });
});
