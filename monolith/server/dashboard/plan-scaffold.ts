import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { PlatformError, type ErrorCode } from '../../../contracts/errors.ts';
import type { Answers } from '../../../generators/tool/answers.ts';
import type { Scaffold } from '../../../generators/tool/scaffold.ts';
import { createSlots } from './slots.ts';

/** What the thread posts. */
export type ScaffoldReply =
  | { readonly scaffold: Scaffold }
  | { readonly refusal: { readonly code: ErrorCode; readonly message: string } };

/** The largest answers take a quarter of a minute on an idle processor. */
const TIMEOUT_MS = 2 * 60_000;
const MAX_HEAP_MB = 512;

const slots = createSlots({ running: 2, waiting: 20, what: 'scaffolds' });

/**
 * Plans a scaffold in a thread of its own, so that the platform answers meanwhile. Ends the thread when the signal
 * aborts.
 *
 * @throws PlatformError as `planScaffold`; `rate-limited` while too many wait; `answers-invalid` after two minutes
 */
export function planInThread(answers: Answers, root: string, signal: AbortSignal): Promise<Scaffold> {
  return slots(async () => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const reply = await replyOf(answers, root, AbortSignal.any([signal, timeout])).catch((error: unknown) => {
      if (!timeout.aborted) throw error;
      throw new PlatformError(
        'answers-invalid',
        `The scaffold took longer than ${TIMEOUT_MS / 1000} seconds. Send fewer resources or fields.`,
      );
    });
    if ('scaffold' in reply) return reply.scaffold;
    throw new PlatformError(reply.refusal.code, reply.refusal.message);
  }, signal);
}

const WORKER = path.join(import.meta.dirname, `scaffold-worker${path.extname(import.meta.filename)}`);

async function replyOf(answers: Answers, root: string, signal: AbortSignal): Promise<ScaffoldReply> {
  const thread = new Worker(WORKER, {
    workerData: { answers, root },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  try {
    const [reply] = (await once(thread, 'message', { signal })) as [ScaffoldReply];
    return reply;
  } finally {
    await thread.terminate();
  }
}
