import { ERRORS, PlatformError, type ErrorCode } from '../../../contracts/errors.ts';
import type { Change, Finding } from '../../../contracts/plan.ts';
import { TemplateError } from '../../../templating/render.ts';
import type { Facts } from '../../core/facts.ts';
import type { Operation, Step } from '../../core/step.ts';
import { buildImages } from './operations/build-images.ts';
import { composeEntryOf } from '../../generate/infrastructure/compose-entry.ts';
import { addComposeEntry, type ComposeEntry } from '../../generate/infrastructure/compose-text.ts';
import { buildImagesChange, startContainersChange } from './container-changes.ts';
import { gatewayFilesOf, upstreamFileOf } from '../../generate/infrastructure/gateway-conf.ts';
import { recordExportChange, startServiceChange, switchRouteChange } from './local-service.ts';
import { recordExport } from './operations/record-export.ts';
import { startContainers } from './operations/start-containers.ts';
import { startService } from './operations/start-service.ts';
import { switchRoute } from './operations/switch-route.ts';
import { COMPOSE_FILE, updateCompose, type UpdateCompose } from './operations/update-compose.ts';
import { writeGatewayConf, type WriteGatewayConf } from './operations/write-gateway-conf.ts';

/** Brings the service up beside the monolith and sends the tool's traffic to it. */
export const infrastructureStep: Step = {
  id: 'infrastructure',
  title: 'Update Infrastructure',
  operations: [
    updateCompose,
    buildImages,
    startContainers,
    startService,
    writeGatewayConf,
    switchRoute,
    recordExport,
  ] as readonly Operation[],
  check(facts) {
    return [
      ...attempt('compose', () => updateComposeChange(facts)),
      ...attempt('gateway', () => writeGatewayConfChange(facts)),
      ...facts.infrastructure.findings,
    ];
  },
  plan(facts): readonly Change[] {
    // The route comes after the service is ready, the record after the route: each is undone without a gap
    return [
      updateComposeChange(facts),
      ...(facts.runtime === 'local'
        ? [startServiceChange(facts)]
        : [buildImagesChange(facts), startContainersChange(facts)]),
      writeGatewayConfChange(facts),
      switchRouteChange(facts),
      recordExportChange(facts),
    ];
  },
};

function updateComposeChange(facts: Facts): UpdateCompose {
  const { manifest, infrastructure } = facts;
  const text = infrastructure.composeText;
  if (text === null)
    throw new PlatformError(
      'step-failed',
      `${COMPOSE_FILE} is missing. Bring it back with: git checkout -- ${COMPOSE_FILE}`,
    );
  const entry = composeEntryOf(facts);
  return {
    step: 'infrastructure',
    kind: 'update-compose',
    target: COMPOSE_FILE,
    before: { toolId: manifest.id, text, entry: NOTHING },
    after: { toolId: manifest.id, text: addComposeEntry(text, manifest.id, entry), entry },
  };
}

function writeGatewayConfChange(facts: Facts): WriteGatewayConf {
  const { manifest, names, infrastructure } = facts;
  const before = {
    [names.gatewayFile]: infrastructure.gatewayText,
    [upstreamFileOf(manifest.id)]: infrastructure.upstreamText,
  };
  return {
    step: 'infrastructure',
    kind: 'write-gateway-conf',
    target: names.gatewayFile,
    before: { files: before },
    after: { files: gatewayFilesOf(facts) },
  };
}

/** What would keep the plan from being made, as a finding. */
function attempt(what: string, make: () => unknown): readonly Finding[] {
  try {
    make();
    return [];
  } catch (error) {
    const file = error instanceof TemplateError ? { file: error.file, line: error.line } : {};
    return [
      {
        code: error instanceof PlatformError ? refusalCode(error.code) : `${what}-invalid`,
        severity: 'error',
        step: 'infrastructure',
        message: error instanceof Error ? error.message : String(error),
        ...file,
        remedy: 'Correct what the message names, then run the export again.',
      },
    ];
  }
}

const NOTHING: ComposeEntry = { services: '', volumes: '', networks: '', secrets: '' };

const refusalCode = (code: ErrorCode): string => (ERRORS[code].exit === 3 ? code : 'compose-invalid');
