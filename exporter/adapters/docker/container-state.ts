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

/** @throws PlatformError `health-failed` when it ends, or is not healthy in time; with its last lines. */
export async function waitUntilHealthy(
  engine: Docker,
  options: { readonly name: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { name, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  // of its last end: one that is being started again runs, for a moment, and its code is 0
  let exitCode: number | null = null;
  for (;;) {
    const { State, RestartCount } = await engine.getContainer(name).inspect();
    const health = State.Health?.Status ?? 'none';
    if (['restarting', 'exited', 'dead'].includes(State.Status)) exitCode = State.ExitCode;
    if (State.Running && !State.Restarting && (health === 'healthy' || health === 'none')) return;
    // As often as the compose file allows. One that has ended counts as unhealthy too, but there is more to say of it
    const sick = State.Status === 'running' && health === 'unhealthy';
    const ended =
      State.Status === 'exited' || State.Status === 'dead' || (RestartCount > 2 && exitCode !== null);
    if (ended || sick || performance.now() > deadline) {
      const state = await readContainerState(engine, name);
      const why = ended
        ? `ended with exit code ${exitCode ?? state.exitCode}`
        : sick
          ? 'is unhealthy'
          : `was ${state.health === 'none' ? state.status : state.health} for ${timeoutMs / 1000} s`;
      throw new PlatformError(
        'health-failed',
        `Container ${name} ${why}. Its last lines:\n${state.log || '(it said nothing)'}`,
      );
    }
    await delay(POLL_MS, undefined, { signal });
  }
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
