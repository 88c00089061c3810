import type { Manifest } from './manifest.ts';

/**
 * A tool in the API of the registry (`GET /api/tools/:toolId`). Dates are ISO 8601 in UTC; fields set by an
 * export are `null` before it.
 */
export interface RegistryTool extends Omit<Manifest, 'id'> {
  readonly toolId: string;
  readonly isExported: boolean;
  readonly exportedAt: string | null;
  /** Base URL of the service, for example `http://localhost:3004`. */
  readonly serviceUrl: string | null;
  /** URL of its API behind the gateway, for example `http://localhost:8080/api/inventory-tracker`. */
  readonly gatewayUrl: string | null;
  /** URL of its web app behind the gateway, for example `http://localhost:8080/tools/inventory-tracker/`. */
  readonly webUrl: string | null;
  readonly databaseName: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The data that an export records in the registry. */
export interface ExportRecord {
  readonly serviceUrl: string;
  readonly gatewayUrl: string;
  readonly webUrl: string;
  readonly databaseName: string;
}

/** The deployment of an exported tool, as recorded by its export (`GET /api/registry/deployments/:toolId`). */
export type ToolDeployment = {
  readonly runtime: 'docker' | 'local';
  /** Image of the service; `null` for a local process. */
  readonly image: string | null;
  /** Number of service instances behind the gateway. */
  readonly replicas: number;
  /** Base URLs of the instances, as seen by the platform; missing in older rows. */
  readonly instances?: readonly string[];
  /** Audience of the tokens that the service accepts; missing: its own. Services exported earlier share one. */
  readonly audience?: string;
  /** Commit of the exported source. */
  readonly commit: string;
};

/** A page of a list. `nextCursor` is `null` on the last page; `total` counts all matches. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}
