import type { Principal } from '../../../contracts/tool-context.ts';

/**
 * The wildcard permission inside a session's token. A list of every permission would outgrow a cookie and miss the
 * tools that are registered later, so the wildcard is resolved with each request. Granted by the one-click sign-in of
 * development mode, and by a provider whose `permissions` claim holds `*`.
 */
const WILDCARD_PERMISSION = 'platform:everything';

/** The claims of a session's token: `*` becomes the wildcard permission. */
export const withWildcard = ({ subject, permissions }: Principal): Principal => ({
  subject,
  permissions: permissions.includes('*') ? [WILDCARD_PERMISSION] : permissions,
});

export const holdsWildcard = ({ permissions }: Principal): boolean =>
  permissions.includes(WILDCARD_PERMISSION);
