import type { ToolId } from './ids.ts';

/** The compose file of the platform and of every service exported to docker, at the root of the repository. */
export const COMPOSE_FILE = 'docker-compose.poc.yml';

/**
 * Every name that follows from a tool's id, in one place, so that the export, its rollback and the platform can
 * never disagree on one. Ids have at most 50 characters, so each name stays below PostgreSQL's 63 bytes.
 */
export interface ToolNames {
  /** `inventory_tracker`: the id as an SQL identifier without quotes. */
  readonly sql: string;
  /** `inventory_tracker_db`: the service's own database. */
  readonly database: string;
  /** The role the tool's pool uses inside the monolith. */
  readonly monolithRole: string;
  /** Scratch database of the export's contract tests; it lives as long as they do. */
  readonly contractDatabase: string;
  /** Owns the objects of the service's database; cannot log in. */
  readonly ownerRole: string;
  /** Runs the service's migrations. */
  readonly migratorRole: string;
  /** Serves requests: reads and writes rows, changes no schema. */
  readonly runtimeRole: string;
  /** `inventory-tracker-api`: folder below `apps/`, compose service, image and process name. */
  readonly api: string;
  readonly web: string;
  readonly db: string;
  /** Repository-relative folders, POSIX separators. */
  readonly toolFolder: string;
  readonly apiFolder: string;
  readonly webFolder: string;
  /** `gateway/conf.d/inventory-tracker.conf` */
  readonly gatewayFile: string;
  /** `gateway/upstreams.d/inventory-tracker.conf`: where this machine finds the service's instances. */
  readonly upstreamFile: string;
  /** Names of the passwords below `.platform/secrets/`: one a role, called like it. */
  readonly secrets: {
    /** Of the container's own superuser (docker runtime). */
    readonly admin: string;
    readonly migrator: string;
    readonly runtime: string;
  };
}

export function namesOf(toolId: ToolId): ToolNames {
  const sql = toolId.replaceAll('-', '_');
  return {
    sql,
    database: `${sql}_db`,
    contractDatabase: `${sql}_contract`,
    monolithRole: `tool_${sql}`,
    ownerRole: `${sql}_owner`,
    migratorRole: `${sql}_migrator`,
    runtimeRole: `${sql}_app`,
    api: `${toolId}-api`,
    web: `${toolId}-web`,
    db: `${toolId}-db`,
    toolFolder: `tools/${toolId}`,
    apiFolder: `apps/${toolId}-api`,
    webFolder: `apps/${toolId}-web`,
    gatewayFile: `gateway/conf.d/${toolId}.conf`,
    upstreamFile: `gateway/upstreams.d/${toolId}.conf`,
    secrets: { admin: `${sql}_admin`, migrator: `${sql}_migrator`, runtime: `${sql}_app` },
  };
}
