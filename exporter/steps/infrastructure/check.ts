import { ERRORS, PlatformError, type ErrorCode } from '../../../contracts/errors.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { TemplateError } from '../../../templating/render.ts';
import { updateCompose } from './operations/update-compose.ts';
import { whyUntested } from './nginx-gate.ts';
import { writeGatewayConf } from './operations/write-gateway-conf.ts';
import type { InfrastructureStepFacts } from './facts.ts';

/** Checks that the tool's entry and route can be added to the compose file and the gateway, and that no name is in use. */
export function checkInfrastructure(facts: InfrastructureStepFacts): readonly Finding[] {
  return [
    ...attempt('compose', () => updateCompose.plan(facts)),
    ...attempt('gateway', () => writeGatewayConf.plan(facts)),
    ...facts.infrastructure.findings,
    ...facts.occupied,
    ...gatewayFindings(facts),
  ];
}

function gatewayFindings({ verdict, names }: InfrastructureStepFacts): readonly Finding[] {
  if (verdict === null) return [];
  if (verdict.problem !== null)
    return [
      {
        code: 'gateway-invalid',
        severity: 'error',
        step: 'infrastructure',
        message: `nginx rejects the route: ${verdict.problem}`,
        file: names.gatewayFile,
        remedy: 'Correct the file that nginx names, then run the export again.',
      },
    ];
  if (verdict.testedBy !== null) return [];
  return [
    {
      code: 'nginx-not-run',
      severity: 'info',
      step: 'infrastructure',
      message: `Nginx syntax checked by nginx-conf, without nginx -t: ${whyUntested(verdict)}`,
      remedy: '',
    },
  ];
}

/** The reason why the plan cannot be made, as a finding. */
function attempt(subject: 'compose' | 'gateway', plan: () => unknown): readonly Finding[] {
  try {
    plan();
    return [];
  } catch (error) {
    const file = error instanceof TemplateError ? { file: error.file, line: error.line } : {};
    return [
      {
        code: error instanceof PlatformError ? refusalCode(error.code) : `${subject}-invalid`,
        severity: 'error',
        step: 'infrastructure',
        message: error instanceof Error ? error.message : String(error),
        ...file,
        remedy: 'Correct what the message names, then run the export again.',
      },
    ];
  }
}

const refusalCode = (code: ErrorCode): string => (ERRORS[code].exit === 3 ? code : 'compose-invalid');
