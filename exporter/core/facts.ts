import type { ToolNames } from '../../contracts/naming.ts';
import type { Manifest } from '../../contracts/manifest.ts';
import type { Cutover, Finding, Runtime } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import type { DatabaseLocale, ExtractionPlan } from '../../extraction/api.ts';
import type { RegistryTool } from '../../contracts/tool.ts';

/** The command line of an export, parsed. */
export interface ExportRequest {
  readonly toolId: string;
  readonly dryRun: boolean;
  readonly runtime: Runtime | 'auto';
  readonly cutover: Cutover | 'auto';
  /** Longest time in milliseconds that writes may wait in a live cut-over. */
  readonly maxPauseMs: number;
  /** Time in milliseconds after which a live cut-over is not tried again. */
  readonly cutoverTimeoutMs: number;
  /** For how long answers of both sides are compared before a live cut-over, and what is left out; `null`: not at all. */
  readonly shadow: { readonly ms: number; readonly ignored: readonly string[] } | null;
  readonly port: number | null;
  readonly replicas: number;
  readonly severIncoming: boolean;
  readonly allowDirty: boolean;
  readonly keepEdits: boolean;
}

/**
 * Facts that every step may use, read once before the steps read their own. JSON: no handles, no functions. A part
 * that could not be read has a finding that says so.
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
  /** Address of the service's database (local runtime). The password is in `passwordFile` only. */
  readonly serviceDatabase: { readonly url: string; readonly passwordFile: string };
  readonly preflight: PreflightFacts;
  readonly infrastructure: InfrastructureFacts;
  readonly database: SourceTables;
}

/**
 * The tool's tables as the source's catalog describes them, with the plan of their extraction, and the locale of the
 * source's database: the new one gets the same.
 */
export interface SourceTables extends DatabaseLocale {
  readonly findings: readonly Finding[];
  /** Number of rows by table, as the manifest names it. */
  readonly rows: Readonly<Record<string, number>>;
  /** `null` when the tables could not be read; then `findings` holds the reason. A tool may also have no tables. */
  readonly extraction: ExtractionPlan | null;
  /** Every table whose writers are fenced, partitions included. */
  readonly fenced: readonly string[];
}

/** The state of the repository and of this machine. */
export interface PreflightFacts {
  readonly findings: readonly Finding[];
  /** Full id of the commit that is exported; `''` when there is none. */
  readonly commit: string;
  /** Changed and untracked files, except those that exports of other tools are writing. */
  readonly dirty: readonly string[];
  readonly portFree: boolean;
  /** Address of the running platform; `null` when it does not answer. */
  readonly platformUrl: string | null;
}

/** The infrastructure that the export changes or uses: compose file, gateway, ports, platform. */
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
  /** Published port of the service's database (docker runtime). */
  readonly databasePort: number;
  /** Ports of the second and all further instances. */
  readonly replicaPorts: readonly number[];
  /** Variables for the service: the platform's address and the issuer of accepted tokens. Without keys: development only. */
  readonly platformKeys: Readonly<Record<string, string>>;
  /** The compose project of this folder. */
  readonly composeProject: string;
  /** Whether the running platform is a container of the same compose project (docker runtime). */
  readonly platformInContainer?: boolean;
  /** This machine's containers (docker runtime). */
  readonly containers?: ContainerFacts;
}

/** What the containers of this machine are made of, and what its engine can do. */
export interface ContainerFacts {
  /** User of the service, who owns its files of secrets. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** Digest of each base image, by its name; none for an image whose registry refuses the question. */
  readonly digests: Readonly<Record<string, string>>;
  /** Whether engine and compose know `start_interval` of a health check. */
  readonly startInterval: boolean;
}
