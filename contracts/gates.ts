import type { Runtime, StepId } from './plan.ts';

/** A check that an export must pass, and its title. */
interface GateInfo {
  readonly step: StepId;
  readonly gate: string;
  readonly title: string;
  /** Runs only in exports to this runtime. */
  readonly runtime?: Runtime;
}

/** All gates of an export, in order. */
export const GATES = [
  { step: 'backend', gate: 'packages', title: 'npm ci in an empty folder' },
  { step: 'backend', gate: 'contract', title: 'Contract tests' },
  { step: 'backend', gate: 'compilation', title: 'TypeScript compilation' },
  { step: 'backend', gate: 'test-types', title: 'Type check of the tests' },
  { step: 'backend', gate: 'lint', title: 'ESLint of the service' },
  { step: 'backend', gate: 'unit-tests', title: 'Unit tests' },
  { step: 'frontend', gate: 'web-build', title: 'Angular build with its type checks' },
  { step: 'frontend', gate: 'web-lint', title: 'ESLint of the web app' },
  { step: 'frontend', gate: 'image-build', title: 'Images', runtime: 'docker' },
  { step: 'database', gate: 'verification', title: 'Comparison of all rows' },
  { step: 'infrastructure', gate: 'compose-config', title: 'compose config' },
  { step: 'infrastructure', gate: 'nginx-test', title: 'nginx -t' },
  { step: 'health', gate: 'service-ready', title: 'Service ready' },
  { step: 'health', gate: 'service-health', title: 'API responding' },
  { step: 'health', gate: 'service-database', title: 'Database connected' },
  { step: 'health', gate: 'gateway-route', title: 'Gateway routing' },
  { step: 'health', gate: 'web-app-served', title: 'Web app served' },
] as const satisfies readonly GateInfo[];

export type GateName = (typeof GATES)[number]['gate'];

export type GateOutcome = 'passed' | 'failed' | 'not-run';

/** Result of a gate. */
export interface GateVerdict {
  readonly gate: GateName;
  readonly outcome: GateOutcome;
  /** Why the gate was skipped, failed or passed without a run: `kept from an earlier build of the same source`. */
  readonly detail?: string;
}

/**
 * A verdict in `result.gates` of `gulp export --json` and in the `result` of a job: one for each of {@link
 * GATES}.
 */
export interface GateResult extends GateVerdict {
  readonly step: StepId;
}
