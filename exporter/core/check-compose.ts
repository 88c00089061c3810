import { PlatformError } from '../../contracts/errors.ts';
import { asGate } from './as-gate.ts';
import type { Ports } from './ports.ts';

/**
 * Validates the planned compose file with compose. Without compose the gate is reported as not run: an export with the
 * local runtime does not need compose.
 * @throws PlatformError `step-failed` with the error that compose reports
 */
export async function checkCompose(text: string, ports: Ports): Promise<void> {
  const missing = await asGate('compose-config', ports, () =>
    ports.containers.check(text).then(() => null, whyMissing),
  );
  if (missing !== null) ports.report.gate({ gate: 'compose-config', outcome: 'not-run', detail: missing });
}

function whyMissing(error: unknown): string {
  if (error instanceof PlatformError && error.code === 'engine-unavailable') return error.message;
  throw error;
}
