import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';

/** Carried by every container, image, volume and network that an export makes; its value is the tool's id. */
export const TOOL_LABEL = 'generator-platform.tool';

/** Carried by every image beside it: the compose project that it was built for. */
export const PROJECT_LABEL = 'generator-platform.project';

const PING_TIMEOUT_MS = 5_000;
const require = createRequire(import.meta.url);

/** The engine that DOCKER_HOST names, or this machine's own. Does not connect yet. */
export function createEngine(): Docker {
  // Loaded at first use: it brings gRPC and SSH, which would double the start-up time of commands without an engine
  const Engine = require('dockerode') as typeof Docker;
  const engine = new Engine();
  const modem = engine.modem as unknown as { protocol: string; agent?: unknown };
  // An engine that is stopping still answers on connections that it has, but accepts none
  if (modem.protocol === 'http') modem.agent = new Agent({ keepAlive: false });
  return engine;
}

/** @throws PlatformError `engine-unavailable` */
export async function pingEngine(engine: Docker): Promise<void> {
  try {
    const late = delay(PING_TIMEOUT_MS, 'late', { ref: false });
    if ((await Promise.race([engine.ping(), late])) === 'late')
      throw new Error(`no answer within ${PING_TIMEOUT_MS / 1000} s`);
  } catch (error) {
    throw new PlatformError(
      'engine-unavailable',
      `Docker is not running: ${error instanceof Error ? error.message : String(error)}. Start it, or use --runtime=local.`,
      { cause: error },
    );
  }
}

/**
 * Runs work on the engine. An engine that stops meanwhile breaks its connections, with errors such as 'aborted'.
 * @throws PlatformError `engine-unavailable` when the engine has stopped, else the error of the work
 */
export async function whileEngineRuns<T>(engine: Docker, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlatformError && error.code === 'engine-unavailable')) await pingEngine(engine);
    throw error;
  }
}

/** Version of the engine; `null` when it does not answer. */
export async function engineVersion(engine: Docker = createEngine()): Promise<string | null> {
  try {
    await pingEngine(engine);
    return (await engine.version()).Version;
  } catch {
    return null;
  }
}

/** Whether the engine reports that the object does not exist. */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404;

export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}
