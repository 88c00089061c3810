import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { authModeOf } from '../../../../contracts/tokens.ts';
import type { SharedFacts } from '../../../core/facts.ts';
import { orphanedFile } from '../../../core/orphans.ts';
import type { Ports } from '../../../core/ports.ts';
import { serviceLogLevel } from '../../../core/service-log-level.ts';
import { shellQuote } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { STOP_SECONDS } from '../../../core/stop-seconds.ts';
import type { Wait } from '../../../core/wait-for-answer.ts';
import { warmUp } from '../../../core/warm-up.ts';
import { warmUpRequests } from '../../../generate/infrastructure/warm-up-requests.ts';

export type StartService = Change<
  'start-service',
  {
    /** Folder of the service, relative to the repository. */
    readonly folder: string;
    readonly entry: string;
    /** Holds no secret: the service reads secrets from the files that are named here. */
    readonly env: Readonly<Record<string, string>>;
    /** Variables that the tool declares: read from the environment when it starts, so that no plan holds them. */
    readonly passEnv: readonly string[];
    readonly readyUrl: string;
    /** Sent to the service before it gets the route; missing in plans of earlier versions. */
    readonly warmUp?: readonly Wait[];
    readonly logFile: string;
    /** Read by the platform's supervisor to start the service again after a reboot. */
    readonly runFile: string;
  }
>;

const START_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = STOP_SECONDS * 1_000;
const LOG_LINES = 15;

/** @throws PlatformError `port-taken` when another program answers on the port that the preflight found free. */
async function refuseTakenPort(change: StartService, readyUrl: string, ports: Ports): Promise<void> {
  if ((await ports.http.get(readyUrl, { timeoutMs: 1_000 })).status !== 0) throw portTaken(change);
}

function portTaken(change: StartService): PlatformError {
  return new PlatformError(
    'port-taken',
    `${change.target}: another program has taken the port since the preflight found it free. ` +
      'End that program, or export again: another free port is chosen then, or the port given with --port=N.',
  );
}

/** Runs the service as a detached process (local runtime), identified by its absolute entry path. */
export const startService: Operation<StartService> = {
  kind: 'start-service',
  undoPhase: 'service',
  plan(facts) {
    if (facts.runtime === 'docker') return [];
    const { names, settings, manifest, servicePort } = facts;
    return [
      {
        step: 'infrastructure',
        kind: 'start-service',
        target: `${names.api} on port ${servicePort}`,
        before: null,
        after: {
          folder: names.apiFolder,
          entry: 'src/server.ts',
          env: environmentOf(facts),
          passEnv: manifest.env.map((variable) => variable.name),
          readyUrl: `http://${settings.host}:${servicePort}/readyz`,
          warmUp: warmUpRequests(facts).slice(0, 1), // further instances are containers
          logFile: `${settings.stateDir}/logs/${names.api}.log`,
          runFile: `${settings.stateDir}/run/${names.api}.json`,
        },
      },
    ];
  },
  async run(change, ports) {
    const { folder, entry, env, passEnv, readyUrl, logFile, runFile } = change.after;
    const marker = `${ports.root}/${folder}/${entry}`;
    await ports.processes.endMatching(marker, STOP_GRACE_MS); // started by an earlier attempt that died
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
      // The process must be alive, too: another program may have taken the port since the preflight
      if (!(await ports.processes.findMatching(marker)).includes(pid)) break;
      if (answer.status === 200) {
        await warmUp(change.after.warmUp ?? [], ports);
        return;
      }
      await delay(50, undefined, { signal: ports.signal });
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
    await ports.files.remove(change.after.runFile); // first, so that no supervisor starts it again
    await ports.processes.endMatching(
      `${ports.root}/${change.after.folder}/${change.after.entry}`,
      STOP_GRACE_MS,
    );
    await ports.files.remove(change.after.logFile);
  },
  done: () => 'Service started',
  undone: () => 'Service stopped',
  wouldUndo: ({ target }) => `Stop the service ${target}`,
  would: (change) => `Would start ${change.target}`,
  // Its run file first, so that no supervisor starts it again; the folder tells it from a service of another clone
  removeByHand: ({ after }) =>
    `rm -f ${shellQuote(after.runFile)} ${shellQuote(after.logFile)}; pkill -f "$PWD/${after.folder}/${after.entry}"`,
  async findOrphans({ names }, ports) {
    const marker = `${ports.root}/${names.apiFolder}/`;
    const { stateDir } = ports.settings;
    const pids = await ports.processes.findMatching(marker);
    return [
      ...pids.map((pid) => ({
        name: `process ${pid} of ${names.apiFolder}`,
        command: `kill ${pid}`,
        remove: () => ports.processes.endMatching(marker, STOP_GRACE_MS).then(() => undefined),
      })),
      ...(await orphanedFile('run file', `${stateDir}/run/${names.api}.json`, ports)),
      ...(await orphanedFile('log', `${stateDir}/logs/${names.api}.log`, ports)),
    ];
  },
};

/** Passwords stay in their files; the plan holds only where those are. */
function environmentOf({
  settings,
  servicePort,
  serviceDatabase,
  infrastructure,
}: SharedFacts): Readonly<Record<string, string>> {
  return {
    NODE_ENV: 'production',
    HOST: settings.host,
    PORT: String(servicePort),
    AUTH_MODE: authModeOf(settings.mode),
    WAIT_FOR_SWITCH: 'true',
    LOG_LEVEL: serviceLogLevel(settings),
    DATABASE_URL: serviceDatabase.url,
    DATABASE_PASSWORD_FILE: serviceDatabase.passwordFile,
    ...infrastructure.platformKeys,
  };
}
