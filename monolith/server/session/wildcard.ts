import type { Principal } from '../../../contracts/tool-context.ts';

/**
 * Says "whatever there is" inside a session's token. A list of every permission would outgrow a cookie and miss
 * the tools that come later; this word is looked up at each request, and means nothing outside of development.
 */
export const EVERYTHING = 'platform:everything';

/** What is written into the token of a session. */
export const packed = ({ subject, permissions }: Principal): Principal => ({
  subject,
  permissions: permissions.includes('*') ? [EVERYTHING] : permissions,
});

export const mayEverything = ({ permissions }: Principal): boolean => permissions.includes(EVERYTHING);
