import type Docker from 'dockerode';
import { findCompose } from '../compose/compose-command.ts';

/** Docker 25, and the compose that can ask it for the interval. Others reject a file with `start_interval`. */
const ENGINE_API = '1.44';
const COMPOSE = '2.21';

/** Whether health checks can be frequent while a container starts, and rare afterwards. */
export async function knowsStartInterval(
  engine: Pick<Docker, 'version'>,
  compose: () => Promise<{ readonly version: string } | null> = findCompose,
): Promise<boolean> {
  const [{ ApiVersion }, found] = await Promise.all([engine.version(), compose()]);
  return found !== null && isAtLeast(ApiVersion, ENGINE_API) && isAtLeast(found.version, COMPOSE);
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
