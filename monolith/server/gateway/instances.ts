/** Time in milliseconds for which a failed instance is tried last, as in nginx (`fail_timeout`). */
const DOWN_MS = 10_000;

/** Round-robin over the instances of a service, recently failed ones last. */
export interface Rotation {
  /** All instances in the order of attempts for the next request. */
  order(instances: readonly string[]): readonly string[];
  /** Marks an instance as failed. */
  failed(instance: string): void;
}

export function createRotation(): Rotation {
  const downUntil = new Map<string, number>();
  let turn = 0;
  return {
    order(instances) {
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
      const first = turn % instances.length;
      const now = performance.now();
      const isDown = (instance: string): boolean => (downUntil.get(instance) ?? 0) > now;
      return [...instances.slice(first), ...instances.slice(0, first)].sort(
        (a, b) => Number(isDown(a)) - Number(isDown(b)),
      );
    },
    failed(instance) {
      const now = performance.now();
      for (const [other, until] of downUntil) if (until <= now) downUntil.delete(other);
      downUntil.set(instance, now + DOWN_MS);
    },
  };
}
