import type { ToolNames } from '../../contracts/naming.ts';
import type { Manifest } from '../../contracts/manifest.ts';
import type { Cutover, Finding, Runtime } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import type { RegistryTool } from '../../contracts/tool.ts';

/** The command line of an export, parsed. */
export interface ExportRequest {
  readonly toolId: string;
  readonly dryRun: boolean;
  readonly runtime: Runtime | 'auto';
  readonly cutover: Cutover | 'auto';
  readonly port: number | null;
  readonly replicas: number;
  readonly severIncoming: boolean;
  readonly allowDirty: boolean;
  readonly keepEdits: boolean;
}

/**
 * What every step may rely on, read once before the steps read their own facts. JSON: no handles, no functions.
 * What could not be read is a finding inside its part.
 */
export interface SharedFacts {
  readonly request: ExportRequest;
  readonly settings: Settings;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  /** The tool as the registry knows it. */
  readonly tool: RegistryTool;
  readonly runtime: Runtime;
  readonly cutover: Cutover;
  /** Port that the service will listen on. */
  readonly servicePort: number;
  /** How the service reaches its database (local runtime). The password stays in its file. */
  readonly serviceDatabase: { readonly url: string; readonly passwordFile: string };
  readonly preflight: PreflightFacts;
  readonly infrastructure: InfrastructureFacts;
}

/** The state of the repository and of this machine. */
export interface PreflightFacts {
  readonly findings: readonly Finding[];
  /** Full id of the commit that is exported; `''` when there is none. */
  readonly commit: string;
  /** Changed and untracked files, without those that exports of other tools are writing. */
  readonly dirty: readonly string[];
  readonly portFree: boolean;
  /** Address of the running platform; `null` when it does not answer. */
  readonly platformUrl: string | null;
}

/** What stands between the tool and its service: the compose file, the gateway, the engines of this machine. */
export interface InfrastructureFacts {
  readonly findings: readonly Finding[];
  /** Text of `docker-compose.poc.yml`; `null` when there is none. */
  readonly composeText: string | null;
  /** Text of the tool's file in `gateway/conf.d/`; `null` when there is none. */
  readonly gatewayText: string | null;
  /** Text of the tool's file in `gateway/upstreams.d/`; `null` when there is none. */
  readonly upstreamText: string | null;
  /** Port on which the gateway answers now, as the running platform reports it. */
  readonly gatewayPort: number;
  /** Port of this machine that leads to the service's database when that is a container. */
  readonly databasePort: number;
  /** Ports of the second and every further instance. */
  readonly replicaPorts: readonly number[];
  /** Variables that tell the service where the platform is and whose tokens it accepts; empty keys: development only. */
  readonly platformKeys: Readonly<Record<string, string>>;
  /** The compose project of this folder. */
  readonly composeProject: string;
  /** Whether the running platform is a container of the same compose project (docker runtime). */
  readonly platformInContainer?: boolean;
}
