/** Time in milliseconds for which a failed instance is tried last, as in nginx (`fail_timeout`). */
const DOWN_MS = 10_000;
/**
 * Time in milliseconds for which only repeatable requests try a failed instance again. While a container starts, its port
 * accepts connections and closes them: a request that must not be repeated would be lost there.
 */
const UNPROVEN_MS = 60_000;

/** Round-robin over the instances of a service, recently failed ones last. */
export interface Rotation {
  /** All instances in the order of attempts for the next request. Default: a request that may be repeated. */
  order(instances: readonly string[], request?: { readonly isRepeatable: boolean }): readonly string[];
  /** Marks an instance as failed. */
  failed(instance: string): void;
  /** Marks an instance as answering again. */
  answered(instance: string): void;
}

export function createRotation(): Rotation {
  const failedAt = new Map<string, number>();
  let turn = 0;
  return {
    order(instances, { isRepeatable } = { isRepeatable: true }) {
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
      const first = turn % instances.length;
      const since = performance.now() - (isRepeatable ? DOWN_MS : UNPROVEN_MS);
      const isDown = (instance: string): boolean => (failedAt.get(instance) ?? -Infinity) > since;
      return [...instances.slice(first), ...instances.slice(0, first)].sort(
        (a, b) => Number(isDown(a)) - Number(isDown(b)),
      );
    },
    failed(instance) {
      const now = performance.now();
      for (const [other, at] of failedAt) if (at <= now - UNPROVEN_MS) failedAt.delete(other);
      failedAt.set(instance, now);
    },
    answered(instance) {
      failedAt.delete(instance);
    },
  };
}
