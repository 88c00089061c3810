import type { Settings } from '../../contracts/settings.ts';
import { openPorts } from '../adapters/open-ports.ts';
import { createReporter } from '../cli/reporter.ts';
import { operationsOf } from '../core/step.ts';
import { noteGate } from '../engine/gates.ts';
import { watchInterrupts } from '../engine/interrupts.ts';
import { JobMemory } from '../engine/job-memory.ts';
import { createJobReporter } from '../engine/job-reporter.ts';
import { describeOwner } from '../engine/session.ts';
import type { Opened } from '../engine/states.ts';
import { PIPELINE } from '../pipeline.ts';
import { COMPLETION } from '../steps/completion/index.ts';

/** The start of every run of `gulp export` and `gulp rollback`. */
export function openRun(options: {
  readonly root: string;
  readonly settings: Settings;
  readonly json: boolean;
}): Opened {
  const reporter = createReporter(options);
  const memory = new JobMemory();
  return {
    root: options.root,
    settings: options.settings,
    reporter,
    report: createJobReporter(reporter, (verdict) => noteGate(memory, verdict)),
    interrupts: watchInterrupts(),
    startedAt: performance.now(),
    findings: [],
    steps: [],
    memory,
    operationOf: operationsOf(PIPELINE, COMPLETION),
    actor: actor(),
    openPorts,
  };
}

/** `user@host`, as job and history show it. */
export function actor(): string {
  const { user, host } = describeOwner();
  return `${user}@${host}`;
}
