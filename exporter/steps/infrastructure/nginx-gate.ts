import type { GateVerdict } from '../../../contracts/gates.ts';
import type { GatewayVerdict } from '../../core/infrastructure-ports.ts';

/** The verdict of `nginx -t` as a gate. */
export function nginxGateOf({ testedBy, problem }: GatewayVerdict): GateVerdict {
  const gate = 'nginx-test';
  if (problem !== null) return { gate, outcome: 'failed', detail: problem };
  return testedBy === null
    ? { gate, outcome: 'not-run', detail: 'nginx is not installed; nginx-conf checked the syntax' }
    : { gate, outcome: 'passed', detail: testedBy };
}
