import { ERRORS, PlatformError, type ErrorCode } from '../../../contracts/errors.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { TemplateError } from '../../../templating/render.ts';
import { updateCompose } from './operations/update-compose.ts';
import { writeGatewayConf } from './operations/write-gateway-conf.ts';
import type { InfrastructureStepFacts } from './facts.ts';

/** The compose file and the gateway must take the tool's entry and route, and nothing may stand in their place. */
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
        message: `The gateway would not take the route: ${verdict.problem}`,
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
      message: 'Nginx syntax read by nginx-conf; nginx -t not run, as there is no nginx on this machine',
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
