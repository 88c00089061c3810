import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../../../registry-api/store/pool.ts';
import { setExported } from '../../../registry-api/store/tools.ts';
import type { RegistryPort, ShadowCounts } from '../../core/ports.ts';

/** One statement with the route: a request that has waited goes to the side that serves then. */
const RELEASE = 'WITH released AS (DELETE FROM tool_holds WHERE tool_id = $1)';

/** Longest time to wait for a platform to hold the requests; without one there are none. */
const ACKNOWLEDGED_MS = 300;

/** The registry, changed over the connection that holds the tool's lock. */
export function createRegistryPort(session: Queryable, actor: string): RegistryPort {
  return {
    async setRoute(toolId, route) {
      if (route === null)
        await session.query(`${RELEASE} DELETE FROM tool_routes WHERE tool_id = $1`, [toolId]);
      else
        await session.query(
          `${RELEASE} INSERT INTO tool_routes (tool_id, service_url, web_root, deployment) VALUES ($1, $2, $3, $4)
           ON CONFLICT (tool_id) DO UPDATE
             SET service_url = $2, web_root = $3, deployment = $4, switched_at = now()`,
          [toolId, route.serviceUrl, route.webRoot, JSON.stringify(route.deployment ?? {})],
        );
    },
    async hold(toolId, ms) {
      await session.query(
        `INSERT INTO tool_holds (tool_id, until) VALUES ($1, now() + $2 * interval '1 millisecond')
         ON CONFLICT (tool_id) DO UPDATE SET until = excluded.until, held_at = NULL`,
        [toolId, ms],
      );
      const until = performance.now() + Math.min(ACKNOWLEDGED_MS, ms / 2);
      while (performance.now() < until) {
        const { rows } = await session.query(
          'SELECT FROM tool_holds WHERE tool_id = $1 AND held_at IS NOT NULL',
          [toolId],
        );
        if (rows.length > 0) return;
        await delay(5);
      }
    },
    async release(toolId) {
      await session.query('DELETE FROM tool_holds WHERE tool_id = $1', [toolId]);
    },
    async startShadow(toolId, { instance, ignored, ms }) {
      await session.query('DELETE FROM tool_shadows WHERE tool_id = $1', [toolId]);
      await session.query(
        `INSERT INTO tool_shadows (tool_id, instance, ignored, until)
         VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
        [toolId, instance, JSON.stringify(ignored), ms],
      );
    },
    async readShadow(toolId) {
      const { rows } = await session.query<ShadowCounts>(
        'SELECT compared, differing, unstable, skipped, open, examples FROM tool_shadows WHERE tool_id = $1',
        [toolId],
      );
      const [row] = rows;
      if (row === undefined) throw new Error(`no answers of ${toolId} are compared`);
      return row;
    },
    async endShadow(toolId) {
      await session.query('DELETE FROM tool_shadows WHERE tool_id = $1', [toolId]);
    },
    async setExported(toolId, record) {
      await setExported(session, toolId, record, actor);
    },
  };
}
