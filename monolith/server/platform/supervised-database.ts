import { connect } from 'node:net';
import type { Settings } from '../../../contracts/settings.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { hasCrashed, resolveDatabase } from '../../../registry-api/store/embedded/index.ts';

export interface DatabaseSupervisorOptions {
  readonly root: string;
  readonly settings: Settings;
  /** The address that the platform has opened its pools with. */
  readonly url: string;
  readonly logger: ToolLogger;
}

/**
 * Starts the embedded PostgreSQL again when it has crashed. One that was stopped by hand (`gulp db:stop`) stays stopped,
 * and a server of `DATABASE_URL` is never touched. Returns whether it was started.
 */
export async function restartCrashedDatabase(options: DatabaseSupervisorOptions): Promise<boolean> {
  const { root, settings, url, logger } = options;
  if (settings.databaseUrl !== null || (await accepts(url)) || !(await hasCrashed(settings, root)))
    return false;
  logger.error({}, 'the embedded PostgreSQL has ended unexpectedly and is started again');
  const again = await resolveDatabase(settings, root);
  if (again.url !== url)
    logger.error({}, 'the embedded PostgreSQL has another port now: stop the platform and start it again');
  return true;
}

const CONNECT_MS = 2_000;

/** Whether something accepts connections at the address. */
function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: CONNECT_MS });
    const end = (accepted: boolean) => () => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
  });
}
