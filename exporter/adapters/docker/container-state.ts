import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ContainerState } from '../../core/infrastructure-ports.ts';
import { isMissing } from './engine.ts';
import { containersOf, type ComposeServiceRef } from './service-containers.ts';

const LOG_LINES = 15;
const POLL_MS = 200;
const CHECK_MS = 5_000;
/** Polls between two runs of a container's health check. */
const POLLS_PER_CHECK = 3;

/** The first container of a service as it is now, with its last lines. */
export async function readContainerState(engine: Docker, ref: ComposeServiceRef): Promise<ContainerState> {
  const missing = { name: ref.service, status: 'missing', health: 'none', exitCode: 0, log: '' };
  const [first] = await containersOf(engine, ref);
  if (first === undefined) return missing;
  try {
    const container = engine.getContainer(first.Id);
    const { State } = await container.inspect();
    return {
      name: ref.service,
      status: State.Status,
      health: State.Health?.Status ?? 'none',
      exitCode: State.ExitCode,
      log: await readLog(engine, container, LOG_LINES),
    };
  } catch (error) {
    if (isMissing(error)) return missing;
    throw error;
  }
}

interface HealthWait extends ComposeServiceRef {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when each container of the service is healthy. Runs its health check itself: the engine runs the check so rarely that an idle container
 * costs nothing, and the first time only after a whole interval.
 * @throws PlatformError `health-failed` when one exits, or is not healthy in time; with its last lines.
 */
export async function waitUntilHealthy(engine: Docker, options: HealthWait): Promise<void> {
  const containers = await containersOf(engine, options);
  if (containers.length === 0)
    throw new PlatformError('health-failed', `Service ${options.service} has no container.`);
  await Promise.all(containers.map(({ Id }) => untilHealthy(engine, engine.getContainer(Id), options)));
}

async function untilHealthy(engine: Docker, container: Docker.Container, options: HealthWait): Promise<void> {
  const { service, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  // The code of the latest exit: a container that is being restarted runs for a moment, with code 0
  let exitCode: number | null = null;
  for (let poll = 1; ; poll++) {
    const inspection = await container.inspect();
    const { State } = inspection;
    if (['restarting', 'exited', 'dead'].includes(State.Status)) exitCode = State.ExitCode;
    const health = healthOf(inspection);
    const runs = State.Running && !State.Restarting;
    if (runs && (health === 'healthy' || health === 'none')) return;
    if (
      runs &&
      health === 'starting' &&
      poll % POLLS_PER_CHECK === 0 &&
      (await passes(inspection, container, signal))
    )
      return;
    const problem =
      failureOf(inspection, exitCode) ??
      (performance.now() > deadline
        ? `was ${health === 'none' ? State.Status : health} for ${timeoutMs / 1000} s`
        : null);
    if (problem !== null) {
      const log = await readLog(engine, container, LOG_LINES);
      throw new PlatformError(
        'health-failed',
        `Container ${service} ${problem}. Its last lines:\n${log || '(no output)'}`,
      );
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Whether the container's own health check passes now. */
async function passes(
  { Config }: Docker.ContainerInspectInfo,
  container: Docker.Container,
  signal: AbortSignal,
): Promise<boolean> {
  const [kind, ...words] = Config.Healthcheck?.Test ?? [];
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') return false;
  const command = kind === 'CMD' ? words : ['/bin/sh', '-c', ...words];
  try {
    const check = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
    const output = await check.start({});
    output.resume();
    await finished(output, { signal: AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]) });
    return (await check.inspect()).ExitCode === 0;
  } catch {
    return false; // it has ended meanwhile, which the next inspection shows
  }
}

const healthOf = ({ State }: Docker.ContainerInspectInfo): string => State.Health?.Status ?? 'none';

/** Why waiting is pointless, or `null`. An exited container counts as unhealthy too, but its exit says more. */
function failureOf(inspection: Docker.ContainerInspectInfo, exitCode: number | null): string | null {
  const { State, RestartCount } = inspection;
  const exited = ['exited', 'dead'].includes(State.Status) || RestartCount > 2;
  if (exited && exitCode !== null) return `ended with exit code ${exitCode}`;
  return State.Status === 'running' && healthOf(inspection) === 'unhealthy' ? 'is unhealthy' : null;
}

/** What the container has written, or its last `tail` lines: standard output and error in order. */
export async function readLog(engine: Docker, container: Docker.Container, tail?: number): Promise<string> {
  const range = tail === undefined ? {} : { tail };
  const raw = await container.logs({ stdout: true, stderr: true, follow: false, ...range });
  const [frames, log] = [Readable.from([raw]), new PassThrough()];
  engine.modem.demuxStream(frames, log, log);
  frames.once('end', () => log.end());
  return (await text(log)).trimEnd();
}
