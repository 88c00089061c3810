import { parentPort, workerData } from 'node:worker_threads';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Answers } from '../../../generators/tool/answers.ts';
import { planScaffold, refuseConflicts } from '../../../generators/tool/scaffold.ts';
import type { ScaffoldReply } from './plan-scaffold.ts';

/** The thread of `planInThread`. Plans one scaffold, replies, and ends. */
const { answers, root } = workerData as { readonly answers: Answers; readonly root: string };

async function plan(): Promise<ScaffoldReply> {
  try {
    const scaffold = await planScaffold(answers, root, { force: false });
    refuseConflicts(scaffold);
    return { scaffold };
  } catch (error) {
    // the class of an error does not survive the way to another thread
    if (error instanceof PlatformError) return { refusal: { code: error.code, message: error.message } };
    throw error;
  }
}

parentPort?.postMessage(await plan());
