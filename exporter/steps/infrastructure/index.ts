import { STEP_TITLES } from '../../../contracts/plan.ts';
import type { Step } from '../../core/step.ts';
import { checkInfrastructure } from './check.ts';
import type { InfrastructureStepFacts } from './facts.ts';
import { nginxGateOf } from './nginx-gate.ts';
import { compareAnswers } from './operations/compare-answers.ts';
import { followBack } from './operations/follow-back.ts';
import { recordExport } from './operations/record-export.ts';
import { startContainers } from './operations/start-containers.ts';
import { startService } from './operations/start-service.ts';
import { switchOver } from './operations/switch-over.ts';
import { switchRoute } from './operations/switch-route.ts';
import { updateCompose } from './operations/update-compose.ts';
import { writeGatewayConf } from './operations/write-gateway-conf.ts';
import { readInfrastructureStep } from './read.ts';

/** Starts the service beside the monolith and switches the tool's traffic to it. */
export const infrastructureStep: Step<InfrastructureStepFacts> = {
  id: 'infrastructure',
  title: STEP_TITLES.infrastructure,
  read: readInfrastructureStep,
  check: checkInfrastructure,
  gates: ({ verdict }) => (verdict === null ? [] : [nginxGateOf(verdict)]),
  // The route comes after the service is ready and warm, the record after the route: each is undone without a gap. A live
  // switch comes before the gateway's own route, which would lead callers past the requests that the platform holds
  operations: [
    updateCompose,
    startContainers,
    startService,
    compareAnswers,
    switchOver,
    followBack,
    writeGatewayConf,
    switchRoute,
    recordExport,
  ],
};
