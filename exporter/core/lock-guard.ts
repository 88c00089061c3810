import type { Session } from '../engine/session.ts';

type Method = (...args: never[]) => Promise<unknown>;
type MethodsOf<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];

/**
 * The same port, with a question before each of these methods: does the connection that holds the lock still answer? A
 * process that was paused, and wakes up when somebody else has the lock, is stopped by it before its next write.
 *
 * @throws whatever the connection says, from the methods
 */
export function fenced<T extends object>(
  session: Pick<Session, 'client'>,
  port: T,
  methods: readonly MethodsOf<T>[],
): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || !(methods as readonly PropertyKey[]).includes(name)) return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await session.client.query('SELECT 1');
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}
