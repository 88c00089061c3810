import type { ToolId } from './ids.ts';

/** The compose file of the platform and of every service exported to docker, at the root of the repository. */
export const COMPOSE_FILE = 'docker-compose.poc.yml';

/**
 * All names derived from a tool id, shared by the export, its rollback and the platform. Ids have at most 50
 * characters, so no name exceeds the 63 bytes of PostgreSQL.
 *
 * An id has no two hyphens in a row and no hyphen at its end. So only names in the monolith contain `__`, and no two
 * tools share a role, a database or a password file.
 */
export interface ToolNames {
  /** `inventory_tracker`: the id as an SQL identifier without quotes. */
  readonly sql: string;
  /** `inventory_tracker_db`: the database of the service. */
  readonly database: string;
  /** `tool__inventory_tracker`: the role of the tool's pool in the monolith. Reads and writes rows. */
  readonly monolithRole: string;
  /** `tool__inventory_tracker__owner`: owns what the tool's migrations create in the monolith, and runs them. */
  readonly monolithOwnerRole: string;
  /** The name of `monolithRole` in earlier releases; `tool_foo_app` was also a role of the service of `tool-foo`. */
  readonly formerMonolithRole: string;
  /** Scratch database of the contract tests during an export. */
  readonly contractDatabase: string;
  /** Owner of the objects in the service database; cannot log in. */
  readonly ownerRole: string;
  /** Role for migrations of the service. */
  readonly migratorRole: string;
  /** Role for requests: reads and writes rows, cannot change the schema. */
  readonly runtimeRole: string;
  /** `inventory-tracker-api`: folder in `apps/`, compose service, image and process name. */
  readonly api: string;
  readonly web: string;
  readonly db: string;
  /** `inventory-tracker-migrate`: compose service that prepares the database and ends. */
  readonly migrate: string;
  /** Repository-relative folders, POSIX separators. */
  readonly toolFolder: string;
  readonly apiFolder: string;
  readonly webFolder: string;
  /** `gateway/conf.d/inventory-tracker.conf` */
  readonly gatewayFile: string;
  /** `gateway/upstreams.d/inventory-tracker.conf`: where this machine finds the service's instances. */
  readonly upstreamFile: string;
  /** Password files in `.platform/secrets/`: one per role, named like it. */
  readonly secrets: {
    /** Password of the superuser in the container (docker runtime). */
    readonly admin: string;
    readonly migrator: string;
    readonly runtime: string;
    /** Values of the variables that the tool declares, as JSON (docker runtime). */
    readonly environment: string;
  };
}

export function namesOf(toolId: ToolId): ToolNames {
  const sql = toolId.replaceAll('-', '_');
  return {
    sql,
    database: `${sql}_db`,
    contractDatabase: `${sql}_contract`,
    monolithRole: `tool__${sql}`,
    monolithOwnerRole: `tool__${sql}__owner`,
    formerMonolithRole: `tool_${sql}`,
    ownerRole: `${sql}_owner`,
    migratorRole: `${sql}_migrator`,
    runtimeRole: `${sql}_app`,
    api: `${toolId}-api`,
    web: `${toolId}-web`,
    db: `${toolId}-db`,
    migrate: `${toolId}-migrate`,
    toolFolder: `tools/${toolId}`,
    apiFolder: `apps/${toolId}-api`,
    webFolder: `apps/${toolId}-web`,
    gatewayFile: `gateway/conf.d/${toolId}.conf`,
    upstreamFile: `gateway/upstreams.d/${toolId}.conf`,
    secrets: {
      admin: `${sql}_admin`,
      migrator: `${sql}_migrator`,
      runtime: `${sql}_app`,
      environment: `${sql}_environment`,
    },
  };
}

/** The tool whose objects in the monolith belong to `role`, or `null` for a role of another kind. */
export function toolOfOwnerRole(role: string): string | null {
  const sql = /^tool__([a-z0-9_]+)__owner$/.exec(role)?.[1];
  return sql === undefined ? null : sql.replaceAll('_', '-');
}
