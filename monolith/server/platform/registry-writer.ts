import type { Pool } from 'pg';
import type { Manifest } from '../../../contracts/manifest.ts';
import { transaction } from '../../../registry-api/store/pool.ts';
import { actAs, insertTool, updateTool } from '../../../registry-api/store/tools.ts';

export interface RegistryWriter {
  /** Ids of the tools that are registered. */
  readonly registered: () => Promise<ReadonlySet<string>>;
  readonly register: (manifest: Manifest) => Promise<void>;
  /**
   * Makes the registry say what the manifest says: registers the tool, or replaces what an earlier manifest said.
   * @throws PlatformError when the registry's rules refuse the change.
   */
  readonly put: (manifest: Manifest) => Promise<void>;
  /** The registry's own permissions and those of the tools that have services: all that a token is shown for. */
  readonly everyPermission: () => Promise<readonly string[]>;
}

const OWN_PERMISSIONS = ['tools:write', 'exports:run'];

/** What the platform itself reads from and writes to the registry, with the history that every change has. */
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
    async everyPermission() {
      const { rows } = await pool.query<{ permission: string }>(
        'SELECT DISTINCT unnest(permissions) AS permission FROM tool_registry WHERE is_exported ORDER BY 1',
      );
      return [...new Set([...OWN_PERMISSIONS, ...rows.map(({ permission }) => permission)])];
    },
  };
}
