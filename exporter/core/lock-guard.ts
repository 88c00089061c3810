type Method = (...args: never[]) => Promise<unknown>;
type MethodsOf<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];

/** The connection that holds the tool's lock. */
export interface LockConnection {
  readonly client: { query(sql: string): Promise<unknown> };
}

/**
 * Guards a port: each of these methods first checks that the connection that holds the lock answers. A process that
 * resumes after another process has taken the lock is stopped before its next write.
 *
 * @throws in the guarded methods, the error of the connection
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
