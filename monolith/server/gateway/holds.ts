import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from 'express';

/** Requests for the tool wait for so long, unless they are let go on earlier. */
export interface Hold {
  readonly toolId: string;
  /** Tells it from an earlier hold of the same tool. */
  readonly id: string;
  readonly ms: number;
}

export interface Holds {
  /** Replaces the holds: requests of tools that are missing now go on. */
  apply(holds: readonly Hold[]): void;
  /** Lets a request wait while its tool is held, and counts it until it is answered. Keeps the order of requests. */
  readonly handler: RequestHandler;
  close(): void;
}

/** Time that requests which the tool has begun get, before writes are refused to them. */
const BEGUN_MS = 150;
const POLL_MS = 5;

interface Held {
  readonly id: string;
  readonly released: Promise<void>;
  readonly release: () => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * @param acknowledge called when the requests of a tool wait, and those that it had begun are answered or have had their time
 */
export function createHolds(acknowledge: (toolId: string) => Promise<void>): Holds {
  const held = new Map<string, Held>();
  const begun = new Map<string, number>();

  function hold({ toolId, id, ms }: Hold): void {
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
    // ends by itself, so that the death of the export stops no request
    const timer = setTimeout(() => letGo(toolId), ms);
    timer.unref();
    held.set(toolId, { id, released, release: () => release(undefined), timer });
    void afterBegun(toolId).then(() => (held.get(toolId)?.id === id ? acknowledge(toolId) : undefined));
  }

  function letGo(toolId: string): void {
    const found = held.get(toolId);
    if (found === undefined) return;
    held.delete(toolId);
    clearTimeout(found.timer);
    found.release();
  }

  async function afterBegun(toolId: string): Promise<void> {
    const until = performance.now() + BEGUN_MS;
    while ((begun.get(toolId) ?? 0) > 0 && performance.now() < until) await delay(POLL_MS);
  }

  return {
    apply(holds) {
      for (const [toolId, { id }] of [...held]) if (!holds.some((wanted) => wanted.id === id)) letGo(toolId);
      for (const wanted of holds) if (!held.has(wanted.toolId)) hold(wanted);
    },
    async handler(req, res, next) {
      const toolId = String(req.params['toolId']);
      await held.get(toolId)?.released;
      begun.set(toolId, (begun.get(toolId) ?? 0) + 1);
      res.once('close', () => {
        const left = (begun.get(toolId) ?? 1) - 1;
        if (left === 0) begun.delete(toolId);
        else begun.set(toolId, left);
      });
      next();
    },
    close() {
      for (const toolId of [...held.keys()]) letGo(toolId);
    },
  };
}
