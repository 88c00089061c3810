import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Ports } from '../../../core/ports.ts';
import { shellQuote } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';

export type StartService = Change<
  'start-service',
  {
    /** Folder of the built service, relative to the repository. */
    readonly folder: string;
    readonly entry: string;
    /** No secret among them: the service reads those from the files that are named here. */
    readonly env: Readonly<Record<string, string>>;
    /** Variables that the tool declares: taken from our own environment when it starts, so that no plan holds them. */
    readonly passEnv: readonly string[];
    readonly readyUrl: string;
    readonly logFile: string;
    /** What the platform's supervisor reads to start the service again after a reboot. */
    readonly runFile: string;
  }
>;

const START_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 10_000;
const LOG_LINES = 15;

/** @throws PlatformError `port-taken` when somebody answers where nobody did in the preflight. */
async function refuseTakenPort(change: StartService, readyUrl: string, ports: Ports): Promise<void> {
  if ((await ports.http.get(readyUrl, { timeoutMs: 1_000 })).status !== 0) throw portTaken(change);
}

function portTaken(change: StartService): PlatformError {
  return new PlatformError(
    'port-taken',
    `${change.target}: another program has taken the port since the preflight found it free. ` +
      'End that program, or export again: another free port is taken then, or the one that --port=N names.',
  );
}

/** Runs the service as a process that outlives us (local runtime). Its absolute entry path is what identifies it. */
export const startService: Operation<StartService> = {
  kind: 'start-service',
  undoPhase: 'service',
  async run(change, ports) {
    if (change.after === null) return;
    const { folder, entry, env, passEnv, readyUrl, logFile, runFile } = change.after;
    const marker = `${ports.root}/${folder}/${entry}`;
    await ports.processes.endMatching(marker, STOP_GRACE_MS); // a half-done start of an earlier try
    await refuseTakenPort(change, readyUrl, ports);
    await ports.files.writeText(
      runFile,
      `${JSON.stringify({ args: [marker], cwd: folder, env, passEnv, logFile, readyUrl }, null, 2)}\n`,
      { mode: 0o600 },
    );
    const pid = await ports.processes.startDetached({ args: [marker], cwd: folder, env, passEnv, logFile });
    const deadline = performance.now() + START_TIMEOUT_MS;
    let answer = { status: 0, body: '' };
    while (performance.now() < deadline) {
      answer = await ports.http.get(readyUrl, { timeoutMs: 1_000 });
      // Alive and ready: an answer alone could be that of whoever has taken the port since the preflight
      if (!(await ports.processes.findMatching(marker)).includes(pid)) break;
      if (answer.status === 200) return;
      await delay(100, undefined, { signal: ports.signal });
    }
    const log =
      (await ports.files.readText(logFile))?.trimEnd().split('\n').slice(-LOG_LINES).join('\n') ?? '';
    if (log.includes('EADDRINUSE')) throw portTaken(change);
    throw new PlatformError(
      'step-failed',
      `The service did not become ready: ${readyUrl} answered ${answer.status === 0 ? 'nothing' : `${answer.status} ${answer.body}`}.` +
        `\nLast lines of ${logFile}:\n${log}`,
    );
  },
  async undo(change, ports) {
    if (change.after === null) return;
    await ports.files.remove(change.after.runFile); // first, so that no supervisor starts it again
    await ports.processes.endMatching(
      `${ports.root}/${change.after.folder}/${change.after.entry}`,
      STOP_GRACE_MS,
    );
    await ports.files.remove(change.after.logFile);
  },
  done: () => 'Service started',
  undone: () => 'Service stopped',
  would: (change) => `Would start ${change.target}`,
  // Its run file first, so that no supervisor starts it again; the folder tells it from a service of another clone
  debris: ({ after }) =>
    after === null
      ? ''
      : `rm -f ${shellQuote(after.runFile)} ${shellQuote(after.logFile)}; pkill -f "$PWD/${after.folder}/${after.entry}"`,
};
