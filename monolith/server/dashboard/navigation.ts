import { Router } from 'express';
import type { Pool } from 'pg';
import { requireReadAccess } from '../../../registry-api/auth/authenticate.ts';
import { callerOf } from '../../../registry-api/auth/principal.ts';

/** A tool in the navigation. */
interface NavigationRow {
  readonly toolId: string;
  readonly name: string;
  readonly icon: string;
  readonly status: string;
  readonly isExported: boolean;
}

/** Maximum number of tools; the user searches for more. */
const MOST = 12;

/**
 * A user may open a tool with one of its read permissions; without read permissions, with any of its permissions;
 * without permissions, always.
 */
const OPENABLE = `
  SELECT tool_id AS "toolId", name, icon, status, is_exported AS "isExported"
    FROM tool_registry t
    CROSS JOIN LATERAL (
      SELECT array_agg(p) FILTER (WHERE p ~ ':(read|view|list)$') AS reading FROM unnest(t.permissions) AS p) AS of_tool
   WHERE ($1::boolean OR cardinality(permissions) = 0 OR coalesce(reading, permissions) && $2::text[])
     AND (strpos(lower(name), $3) > 0 OR strpos(tool_id, $3) > 0)
   ORDER BY starts_with(lower(name), $3) DESC, lower(name), tool_id
   LIMIT ${MOST + 1}`;

/** `GET /api/session/tools?q=`: the tools that the user may open, best match first, limited in number. */
export function navigationRoutes({ pool }: { readonly pool: Pool }): Router {
  const router = Router();
  router.get('/api/session/tools', requireReadAccess(), async (request, response) => {
    const { principal } = callerOf(request);
    const held = principal?.permissions ?? [];
    const q = typeof request.query['q'] === 'string' ? request.query['q'].trim().toLowerCase() : '';
    const { rows } = await pool.query<NavigationRow>(OPENABLE, [held.includes('*'), held, q.slice(0, 100)]);
    response.set('Cache-Control', 'no-store').json({ data: rows.slice(0, MOST), more: rows.length > MOST });
  });
  return router;
}
