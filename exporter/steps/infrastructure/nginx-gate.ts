import type { GateVerdict } from '../../../contracts/gates.ts';
import type { GatewayVerdict } from '../../core/infrastructure-ports.ts';

/** The verdict of `nginx -t` as a gate. */
export function nginxGateOf(verdict: GatewayVerdict): GateVerdict {
  const gate = 'nginx-test';
  if (verdict.problem !== null) return { gate, outcome: 'failed', detail: verdict.problem };
  return verdict.testedBy === null
    ? { gate, outcome: 'not-run', detail: `${whyUntested(verdict)}; nginx-conf checked the syntax` }
    : { gate, outcome: 'passed', detail: verdict.testedBy };
}

export const whyUntested = ({ untested = 'nginx is not installed' }: GatewayVerdict): string => untested;
