import type { Pool } from 'pg';
import type { Runtime } from '../../../contracts/plan.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { Notifications } from '../../../registry-api/notifications.ts';

/** The route of an exported tool. */
export interface ToolRoute {
  readonly toolId: string;
  /** Base URL of the service, for example `http://127.0.0.1:3004`. */
  readonly serviceUrl: string;
  /** Base URLs of all instances, including `serviceUrl`. */
  readonly instances: readonly string[];
  /** Folder of the built web app: absolute or relative to the repository. */
  readonly webRoot: string;
  /** Audience of the tokens that the service accepts; `null`: its own. */
  readonly audience?: string | null;
  /** Missing where an earlier version has exported the tool. */
  readonly runtime?: Runtime | null;
}

export interface RouteTable {
  get(toolId: string): ToolRoute | undefined;
  /** By id. */
  all(): readonly ToolRoute[];
  close(): void;
}

export interface RouteTableOptions {
  readonly pool: Pool;
  readonly notifications: Notifications;
  readonly logger: ToolLogger;
  /** Called with the ids of tools whose routes have changed; not for the first read. */
  readonly onChange?: (toolIds: readonly string[]) => void;
}

/** Rereads after this time, in case a notification was lost with an undetected disconnect. */
const REREAD_MS = 15_000;

/**
 * Follows the table `tool_routes`: rereads it on every notification and reconnection. During an outage of the
 * database the last known routes stay in force. Resolves after the first read.
 */
export async function followRoutes(options: RouteTableOptions): Promise<RouteTable> {
  const { pool, notifications, logger } = options;
  let routes = await readRoutes(pool);
  let reading = Promise.resolve();

  const reread = async (): Promise<void> => {
    const before = routes;
    routes = await readRoutes(pool);
    const changed = [...new Set([...before.keys(), ...routes.keys()])].filter(
      (id) => JSON.stringify(before.get(id)) !== JSON.stringify(routes.get(id)),
    );
    if (changed.length > 0) options.onChange?.(changed);
  };
  // Sequential, so that an older read never overwrites a newer one.
  const refresh = (): void => {
    reading = reading.then(reread).catch((err: unknown) => {
      logger.warn(
        { err },
        'the routes of exported tools could not be read; the last known ones stay in force',
      );
    });
  };

  const off = [notifications.on('tool_routes', refresh), notifications.on('reconnected', refresh)];
  const timer = setInterval(refresh, REREAD_MS);
  timer.unref();
  return {
    get: (toolId) => routes.get(toolId),
    all: () => [...routes.values()],
    close() {
      clearInterval(timer);
      for (const stop of off) stop();
    },
  };
}

async function readRoutes(pool: Pool): Promise<ReadonlyMap<string, ToolRoute>> {
  const { rows } = await pool.query<ToolRoute>(
    `SELECT tool_id AS "toolId", service_url AS "serviceUrl", web_root AS "webRoot", deployment ->> 'runtime' AS runtime,
            coalesce(deployment -> 'instances', jsonb_build_array(service_url)) AS instances,
            deployment ->> 'audience' AS audience
       FROM tool_routes ORDER BY tool_id`,
  );
  return new Map(rows.map((row) => [row.toolId, row]));
}
