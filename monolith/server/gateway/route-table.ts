import type { Pool } from 'pg';
import type { Runtime } from '../../../contracts/plan.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { Notifications } from '../../../registry-api/notifications.ts';
import type { Hold } from './holds.ts';
import type { Shadow } from './shadows.ts';

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
  /** Called with all holds after each read, when the routes of the same read are in force. */
  readonly onHolds?: (holds: readonly Hold[]) => void;
  /** Called with all shadows after each read. */
  readonly onShadows?: (shadows: readonly Shadow[]) => void;
}

/** Rereads after this time, in case a notification was lost with an undetected disconnect. */
const REREAD_MS = 15_000;

/**
 * Follows the table `tool_routes`: rereads it on every notification and reconnection. During an outage of the
 * database the last known routes stay in force. Resolves after the first read.
 */
export async function followRoutes(options: RouteTableOptions): Promise<RouteTable> {
  const { pool, notifications, logger } = options;
  let { routes, holds } = await readRoutes(pool);
  options.onHolds?.(holds);
  options.onShadows?.(await readShadows(pool));
  let reading = Promise.resolve();

  const reread = async (): Promise<void> => {
    const before = routes;
    ({ routes, holds } = await readRoutes(pool));
    options.onHolds?.(holds);
    options.onShadows?.(await readShadows(pool));
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

interface Read {
  readonly routes: ReadonlyMap<string, ToolRoute>;
  readonly holds: readonly Hold[];
}

/** One statement, so that a hold never ends before the route that is set with it. */
async function readRoutes(pool: Pool): Promise<Read> {
  const { rows } = await pool.query<{ readonly route: ToolRoute | null; readonly hold: Hold | null }>(
    `SELECT CASE WHEN r.tool_id IS NOT NULL THEN json_build_object(
              'toolId', tool_id, 'serviceUrl', service_url, 'webRoot', web_root, 'runtime', deployment ->> 'runtime',
              'instances', coalesce(deployment -> 'instances', jsonb_build_array(service_url)),
              'audience', deployment ->> 'audience') END AS route,
            CASE WHEN h.until > now() THEN json_build_object(
              'toolId', tool_id, 'id', tool_id || ' ' || h.until,
              'ms', extract(epoch FROM h.until - now()) * 1000) END AS hold
       FROM tool_routes r FULL JOIN tool_holds h USING (tool_id) ORDER BY tool_id`,
  );
  return {
    routes: new Map(rows.flatMap(({ route }) => (route === null ? [] : [[route.toolId, route]]))),
    holds: rows.flatMap(({ hold }) => (hold === null ? [] : [hold])),
  };
}

async function readShadows(pool: Pool): Promise<readonly Shadow[]> {
  const { rows } = await pool.query<Shadow>(
    `SELECT tool_id AS "toolId", tool_id || ' ' || until AS id, instance, ignored,
            (extract(epoch FROM until - now()) * 1000)::float8 AS ms
       FROM tool_shadows WHERE until > now()`,
  );
  return rows;
}
