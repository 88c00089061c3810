/** How long an instance that was away is asked last, in milliseconds: as nginx does (`fail_timeout`). */
const DOWN_MS = 10_000;

/** The instances of services, in turn, those that were away a moment ago behind the others. */
export interface Rotation {
  /** All of them, in the order in which the next request is to ask them. */
  order(instances: readonly string[]): readonly string[];
  /** This one did not answer. */
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
