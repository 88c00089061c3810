import { ERRORS, PlatformError, type ErrorCode } from '../../../../contracts/errors.ts';
import type { Caller } from '../../../../registry-api/auth/principal.ts';

/** A caller as text for a request header. Of the permissions, only those of the tool are passed on. */
export function encodeCaller(
  { principal, refusal, local }: Caller,
  permissions: ReadonlySet<string>,
): string {
  const known = principal && {
    subject: principal.subject,
    permissions: principal.permissions.filter((name) => name === '*' || permissions.has(name)),
  };
  const refused = refusal && { code: refusal.code, message: refusal.message };
  return Buffer.from(JSON.stringify({ principal: known, refusal: refused, local })).toString('base64url');
}

/** The inverse of {@link encodeCaller}; only for text from the platform. */
export function decodeCaller(text: string): Caller {
  const { refusal, ...caller } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Omit<
    Caller,
    'refusal'
  > & { readonly refusal: { readonly code: ErrorCode; readonly message: string } | null };
  return {
    ...caller,
    refusal:
      refusal &&
      new PlatformError(refusal.code in ERRORS ? refusal.code : 'unauthenticated', refusal.message),
  };
}
