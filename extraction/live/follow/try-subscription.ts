import { PlatformError } from '../../../contracts/errors.ts';
import type { Session } from '../../run/session.ts';
import { trySubscription as attempt } from '../stream.ts';

/**
 * Why the server of `session` cannot subscribe to the database at `address`: rights, address, password or TLS, in
 * PostgreSQL's own words; `null` when it can. Changes nothing.
 */
export async function trySubscription(
  session: Session,
  name: string,
  address: string,
): Promise<Error | null> {
  try {
    // a killed run may have left a subscription of the name itself
    await attempt(session, `${name}_try`, address);
    return null;
  } catch (error) {
    return (error instanceof PlatformError ? error.cause : error) as Error;
  }
}
