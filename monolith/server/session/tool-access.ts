import type { Pool } from 'pg';
import { isReservedPermission } from '../../../contracts/host/permissions.ts';
import type { Notifications } from '../../../registry-api/notifications.ts';

/** What the manifest of a registered tool says about access. */
export interface Access {
  /** Every permission that it names; none of the registry's, and not the wildcard permission. */
  readonly permissions: readonly string[];
  /** Tools that it may call. */
  readonly dependencies: readonly string[];
}

/** Manifests of the registry, read once and again after a change. */
export interface ToolAccess {
  /** `null` for a tool that is not registered. */
  of(toolId: string): Promise<Access | null>;
}

const READ = `
SELECT dependencies,
       ARRAY(SELECT unnest(permissions)
             UNION SELECT jsonb_array_elements_text(e -> 'permissions') FROM jsonb_array_elements(endpoints) AS e
             ORDER BY 1) AS permissions
  FROM tool_registry WHERE tool_id = $1`;

export function followToolAccess(pool: Pool, notifications: Pick<Notifications, 'on'>): ToolAccess {
  const known = new Map<string, Promise<Access | null>>();
  const forget = (): void => {
    known.clear();
  };
  notifications.on('tool_changed', forget);
  notifications.on('reconnected', forget);

  const read = async (toolId: string): Promise<Access | null> => {
    const { rows } = await pool.query<Access>(READ, [toolId]);
    const [row] = rows;
    if (row === undefined) {
      known.delete(toolId); // addresses name any number of tools that do not exist
      return null;
    }
    const isOwn = (permission: string): boolean => permission !== '*' && !isReservedPermission(permission);
    return { ...row, permissions: row.permissions.filter(isOwn) };
  };
  return {
    of(toolId) {
      const reading = known.get(toolId) ?? read(toolId);
      known.set(toolId, reading);
      reading.catch(() => known.delete(toolId));
      return reading;
    },
  };
}
