import { PlatformError } from '../../contracts/errors.ts';
import { asGate } from './as-gate.ts';
import type { Ports } from './ports.ts';

/**
 * Lets compose read the file as it will be. Where there is no compose the gate says that it was not run: an export to
 * a process of the machine needs none.
 * @throws PlatformError `step-failed` with compose's own words
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
