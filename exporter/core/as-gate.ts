import type { GateName } from '../../contracts/gates.ts';
import type { Ports } from './ports.ts';

/** Runs a gate and reports its verdict. An error fails the gate, unless the run was cancelled. */
export async function asGate<T>(
  gate: GateName,
  ports: Pick<Ports, 'report' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    ports.report.gate({ gate, outcome: 'passed' });
    return result;
  } catch (error) {
    if (!ports.signal.aborted)
      ports.report.gate({
        gate,
        outcome: 'failed',
        detail: error instanceof Error ? error.message : String(error),
      });
    throw error;
  }
}
