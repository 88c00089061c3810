import type { GateVerdict } from '../../contracts/gates.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Manifest } from '../../contracts/manifest.ts';
import type { Cutover, Finding, Runtime } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import type { RegistryTool } from '../../contracts/tool.ts';
import type { BackendFacts } from '../steps/backend/facts.ts';
import type { FrontendFacts } from '../steps/frontend/facts.ts';
import type { DatabaseFacts } from '../steps/database/facts.ts';
import type { InfrastructureFacts } from '../steps/infrastructure/facts.ts';
import type { PreflightFacts } from '../steps/preflight/facts.ts';

/** What was asked for on the command line, parsed. */
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
 * Everything the plan follows from, read once before it is made. JSON at heart: no handles, no functions.
 * Each part belongs to the step of the same name; the step's folder defines its type, an adapter reads it.
 * What could not be read is a finding inside the part.
 */
export interface Facts {
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
  readonly backend: BackendFacts;
  readonly frontend: FrontendFacts;
  readonly database: DatabaseFacts;
  readonly infrastructure: InfrastructureFacts;
}

/** What every part of the facts has. */
export interface PartOfFacts {
  /** Problems that reading brought to light. */
  readonly findings: readonly Finding[];
  /** What became of gates that reading has run already. */
  readonly gates?: readonly GateVerdict[];
}
