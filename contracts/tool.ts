import type { Manifest } from './manifest.ts';

/**
 * A tool as the registry's API shows it (`GET /api/tools/:toolId`). Dates are ISO 8601 in UTC; what an export
 * has not set yet is `null`.
 */
export interface RegistryTool extends Omit<Manifest, 'id'> {
  readonly toolId: string;
  readonly isExported: boolean;
  readonly exportedAt: string | null;
  /** Base address of the service, such as `http://localhost:3004`. */
  readonly serviceUrl: string | null;
  /** Address of its API behind the gateway, such as `http://localhost:8080/api/inventory-tracker`. */
  readonly gatewayUrl: string | null;
  /** Address of its web app behind the gateway, such as `http://localhost:8080/tools/inventory-tracker/`. */
  readonly webUrl: string | null;
  readonly databaseName: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What an export tells the registry when the tool has moved out. */
export interface ExportRecord {
  readonly serviceUrl: string;
  readonly gatewayUrl: string;
  readonly webUrl: string;
  readonly databaseName: string;
}

/** How an exported tool runs, as its export has set it up (`GET /api/registry/deployments/:toolId`). */
export interface ToolDeployment {
  readonly runtime: 'docker' | 'local';
  /** Image of the service; `null` for a process of the machine. */
  readonly image: string | null;
  /** Instances of the service behind the gateway. */
  readonly replicas: number;
  /** Base addresses of the instances, as the platform reaches them; rows from before this was recorded have none. */
  readonly instances?: readonly string[];
  /** Commit of the source that was exported. */
  readonly commit: string;
}

/** A page of a list. `nextCursor` is `null` on the last page; `total` counts all that match the filters. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}
