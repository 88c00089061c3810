type Method = (...args: never[]) => Promise<unknown>;
type MethodsOf<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];

/** The connection that holds the tool's lock. */
export interface LockConnection {
  readonly client: { query(sql: string): Promise<unknown> };
}

/**
 * The same port, guarded: before each of these methods the connection that holds the lock must answer. A process that
 * was paused, and resumes after another process has taken the lock, is stopped before its next write.
 *
 * @throws from the methods, the error of the connection
 */
export function guardByLock<T extends object>(
  lock: LockConnection,
  port: T,
  methods: readonly MethodsOf<T>[],
): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || !(methods as readonly PropertyKey[]).includes(name)) return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await lock.client.query('SELECT 1');
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}
