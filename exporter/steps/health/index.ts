import type { GateName } from '../../../contracts/gates.ts';
import type { Change } from '../../../contracts/plan.ts';
import type { Facts } from '../../core/facts.ts';
import type { Step } from '../../core/step.ts';
import { checkHealth, type CheckHealth } from './operations/check-health.ts';

/** The export is complete only when the service answers every way that its callers will use. */
export const healthStep: Step = {
  id: 'health',
  title: 'Run Health Checks',
  operations: [checkHealth],
  check: () => [],
  plan(facts): readonly Change[] {
    const { names, settings, manifest } = facts;
    const service = `http://${settings.host}:${facts.servicePort}`;
    const gateway = `http://${settings.host}:${facts.infrastructure.gatewayPort}`;
    const logFile = `${settings.stateDir}/logs/${names.api}.log`;
    const ready = facts.runtime === 'docker' ? 'Container healthy' : 'Process ready';
    const healthy = '"status":"healthy"';
    const checks: readonly Pick<Asked, 'gate' | 'name' | 'url' | 'contains'>[] = [
      { gate: 'service-ready', name: ready, url: `${service}/readyz`, contains: '' },
      { gate: 'service-health', name: 'API responding', url: `${service}/health`, contains: healthy },
      { gate: 'service-database', name: 'Database connected', url: `${service}/api/${manifest.id}/health`, contains: healthy },
      { gate: 'gateway-route', name: 'Gateway routing works', url: `${gateway}/api/${manifest.id}/health`, contains: healthy },
      { gate: 'web-app-served', name: 'Web app served', url: `${gateway}/tools/${manifest.id}/`, contains: '<base href=' },
    ]; // prettier-ignore
    return checks.map((asked) => check(facts, { ...asked, logFile }));
  },
};

interface Asked {
  readonly gate: GateName;
  readonly name: string;
  readonly url: string;
  readonly contains: string;
  readonly logFile: string;
}

function check(facts: Facts, { url, ...asked }: Asked): CheckHealth {
  return {
    step: 'health',
    kind: 'check-health',
    target: url,
    before: null,
    after: {
      ...asked,
      status: 200,
      timeoutMs: (facts.settings.healthTimeout ?? 30) * 1_000,
      runtime: facts.runtime,
      container: facts.names.api,
    },
  };
}
