import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ContainerState } from '../../core/infrastructure-ports.ts';
import { isMissing } from './engine.ts';

const LOG_LINES = 15;
const POLL_MS = 200;

/** The container as it is now, with its last lines. */
export async function readContainerState(engine: Docker, name: string): Promise<ContainerState> {
  try {
    const { State } = await engine.getContainer(name).inspect();
    return {
      name,
      status: State.Status,
      health: State.Health?.Status ?? 'none',
      exitCode: State.ExitCode,
      log: await readLog(engine, engine.getContainer(name), LOG_LINES),
    };
  } catch (error) {
    if (isMissing(error)) return { name, status: 'missing', health: 'none', exitCode: 0, log: '' };
    throw error;
  }
}

/** @throws PlatformError `health-failed` when it exits, or is not healthy in time; with its last lines. */
export async function waitUntilHealthy(
  engine: Docker,
  options: { readonly name: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { name, timeoutMs, signal } = options;
  const container = engine.getContainer(name);
  const deadline = performance.now() + timeoutMs;
  // The code of the latest exit: a container that is being restarted runs for a moment, with code 0
  let exitCode: number | null = null;
  for (;;) {
    const inspection = await container.inspect();
    const { State } = inspection;
    if (['restarting', 'exited', 'dead'].includes(State.Status)) exitCode = State.ExitCode;
    const health = healthOf(inspection);
    if (State.Running && !State.Restarting && (health === 'healthy' || health === 'none')) return;
    const problem =
      failureOf(inspection, exitCode) ??
      (performance.now() > deadline
        ? `was ${health === 'none' ? State.Status : health} for ${timeoutMs / 1000} s`
        : null);
    if (problem !== null) {
      const log = await readLog(engine, container, LOG_LINES);
      throw new PlatformError(
        'health-failed',
        `Container ${name} ${problem}. Its last lines:\n${log || '(no output)'}`,
      );
    }
    await delay(POLL_MS, undefined, { signal });
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
