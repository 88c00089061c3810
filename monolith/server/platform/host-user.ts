import type { Principal } from '../../../contracts/tool-context.ts';

/** A user whom the application has signed in. */
export interface HostUser {
  /** Identifies the user; shown as the author of changes and exports. */
  readonly subject: string;
  /** Permissions of tools and scopes of the registry by name; `*`: every one. */
  readonly permissions: readonly string[];
}

const SUBJECT = /^[^\p{Cc}]{1,255}$/u;

/**
 * What the application has returned for a request; `null`: a visitor who is not signed in.
 * @throws TypeError when it is neither: nothing that is not clearly a user passes as one.
 */
export function parseHostUser(value: unknown): Principal | null {
  if (value === null) return null;
  if (typeof value !== 'object')
    throw new TypeError(
      `authenticate() returned ${kindOf(value)}. Return { subject, permissions }, or null for a visitor who is not signed in.`,
    );
  const { subject, permissions } = value as Partial<Record<keyof HostUser, unknown>>;
  if (typeof subject !== 'string' || !SUBJECT.test(subject))
    throw new TypeError(
      `authenticate() returned ${kindOf(subject)} as the subject. Return 1 to 255 printable characters, such as String(user.id).`,
    );
  if (!Array.isArray(permissions) || !permissions.every((name) => typeof name === 'string'))
    throw new TypeError(
      `authenticate() returned ${kindOf(permissions)} as the permissions of "${subject}". Return a list of strings, such as ["inventory:read"].`,
    );
  return { subject, permissions };
}

/** Not the value itself, which may be a secret. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}
