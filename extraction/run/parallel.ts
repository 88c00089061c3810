/** A piece of work that holds `locks` while it runs. Two pieces that share a lock never run at the same time. */
export interface Work {
  readonly id: string;
  readonly locks: readonly string[];
}

/**
 * Runs `work` on `workers`, in order as far as locks allow. After the first failure no new work starts; the failure is
 * thrown when the running work has ended.
 */
export async function runParallel<W, T extends Work>(
  workers: readonly W[],
  work: readonly T[],
  run: (worker: W, item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...work];
  const locked = new Set<string>();
  let failure: { readonly error: unknown } | null = null;
  let wake: (() => void)[] = [];
  const wakeAll = (): void => {
    const sleepers = wake;
    wake = [];
    for (const resolve of sleepers) resolve();
  };
  const startNext = (): T | null => {
    const at = waiting.findIndex((item) => item.locks.every((lock) => !locked.has(lock)));
    return at < 0 ? null : (waiting.splice(at, 1)[0] ?? null);
  };
  const loop = async (worker: W): Promise<void> => {
    while (failure === null && waiting.length > 0) {
      const item = startNext();
      if (item === null) {
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      for (const lock of item.locks) locked.add(lock);
      try {
        await run(worker, item);
      } catch (error) {
        failure ??= { error };
      } finally {
        for (const lock of item.locks) locked.delete(lock);
        wakeAll();
      }
    }
  };
  await Promise.all(workers.map(loop));
  // TypeScript cannot see that `loop` assigns it
  const failed = failure as { readonly error: unknown } | null;
  if (failed !== null) throw failed.error;
}
