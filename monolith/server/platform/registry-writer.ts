import type { Pool } from 'pg';
import type { Manifest } from '../../../contracts/manifest.ts';
import { transaction } from '../../../registry-api/store/pool.ts';
import { actAs, insertTool, updateTool } from '../../../registry-api/store/tools.ts';

export interface RegistryWriter {
  /** Ids of the registered tools. */
  readonly registered: () => Promise<ReadonlySet<string>>;
  readonly register: (manifest: Manifest) => Promise<void>;
  /**
   * Registers the tool, or updates its registration, from its manifest.
   * @throws PlatformError when the rules of the registry refuse the change.
   */
  readonly put: (manifest: Manifest) => Promise<void>;
  /** Permissions of all exported tools. */
  readonly exportedPermissions: () => Promise<readonly string[]>;
}

/** Reads and writes of the platform itself in the registry, with the history of every change. */
export function registryWriter(pool: Pool): RegistryWriter {
  return {
    async registered() {
      const { rows } = await pool.query<{ id: string }>('SELECT tool_id AS id FROM tool_registry');
      return new Set(rows.map(({ id }) => id));
    },
    async register(manifest) {
      await transaction(pool, async (client) => {
        await actAs(client, 'platform');
        await insertTool(client, manifest);
      });
    },
    async put(manifest) {
      await transaction(pool, async (client) => {
        await actAs(client, 'platform');
        const { rowCount } = await client.query('SELECT 1 FROM tool_registry WHERE tool_id = $1', [
          manifest.id,
        ]);
        if (rowCount === 0) await insertTool(client, manifest);
        else await updateTool(client, manifest, () => true);
      });
    },
    async exportedPermissions() {
      const { rows } = await pool.query<{ permission: string }>(
        'SELECT DISTINCT unnest(permissions) AS permission FROM tool_registry WHERE is_exported ORDER BY 1',
      );
      return rows.map(({ permission }) => permission);
    },
  };
}
