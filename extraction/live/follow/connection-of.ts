import type { Session } from '../../run/session.ts';
import { publisherAddress } from './publisher-address.ts';

/** The connection string at which the other server finds the database of `url`, with the user and password of `client`. */
export function addressSeenBy(url: string, client: Session): string {
  const { host, port, user, password } = client as Session & {
    readonly user?: string;
    readonly password?: unknown;
  };
  return publisherAddress(url, {
    host,
    port,
    user: user ?? '',
    password: typeof password === 'string' ? password : null,
  });
}
