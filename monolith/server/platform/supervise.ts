import type { ToolLogger } from '../../../contracts/tool-context.ts';

const INTERVAL_MS = 2_000;

/** Runs the checks in turn, every two seconds, until it is closed. A check that fails is logged, and runs again. */
export function supervise(
  checks: readonly (() => Promise<unknown>)[],
  logger: ToolLogger,
): { close(): Promise<void> } {
  let closed = false;
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    for (const check of checks)
      if (!closed)
        await check().catch((err: unknown) => {
          logger.error({ err }, 'supervision failed');
        });
    if (!closed) plan();
  };
  const plan = (): void => {
    timer = setTimeout(() => {
      running = round();
    }, INTERVAL_MS);
    timer.unref();
  };
  plan();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
