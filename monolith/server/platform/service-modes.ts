import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { authModeOf } from '../../../contracts/tokens.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { RouteTable, ToolRoute } from '../gateway/route-table.ts';

/** A service that does not check tokens as the platform does. */
export interface ServiceProblem {
  readonly toolId: string;
  readonly message: string;
}

export interface ServiceModes {
  /** Asks the services in containers, at most every half minute. */
  check(): Promise<void>;
  /** What the last check has found. */
  problems(): readonly ServiceProblem[];
}

const INTERVAL_MS = 30_000;
const ANSWER_MS = 3_000;

/** The parts of `/readyz` of a service that matter here; missing where an earlier version has exported it. */
interface Readiness {
  readonly authMode?: string;
  readonly checks?: { readonly keys?: boolean };
}

/**
 * Compares how services in containers check tokens with the mode of the platform, which may have been started in another one since
 * their export. Their mode is part of the compose file, which the platform does not edit; local services follow it by themselves.
 */
export function watchServiceModes(options: {
  readonly routes: Pick<RouteTable, 'all'>;
  readonly mode: Settings['mode'];
  readonly logger: ToolLogger;
}): ServiceModes {
  const { routes, mode, logger } = options;
  let found: readonly ServiceProblem[] = [];
  let next = -Infinity;
  return {
    problems: () => found,
    async check() {
      const now = performance.now();
      if (now < next) return;
      next = now + INTERVAL_MS;
      const containers = routes.all().filter(({ runtime }) => runtime === 'docker');
      const before = found;
      const asked = await Promise.all(containers.map((route) => problemOf(route, mode)));
      found = asked.filter((problem) => problem !== null);
      for (const { toolId, message } of found)
        if (!before.some((known) => known.message === message)) logger.error({ tool: toolId }, message);
    },
  };
}

async function problemOf(route: ToolRoute, mode: Settings['mode']): Promise<ServiceProblem | null> {
  const answers = await Promise.all(route.instances.map(readiness));
  const expected = authModeOf(mode);
  const other = answers.find((answer) => answer?.authMode !== undefined && answer.authMode !== expected);
  if (other !== undefined) return { toolId: route.toolId, message: modeMessage(route, mode, expected) };
  if (!answers.some((answer) => answer?.checks?.keys === false)) return null;
  return {
    toolId: route.toolId,
    message:
      `The service of "${route.toolId}" cannot fetch the keys of this platform, and refuses all tokens. ` +
      'Start the platform where its container finds it: with PLATFORM_HOST=0.0.0.0, on the port of the export',
  };
}

function modeMessage({ toolId, instances }: ToolRoute, mode: Settings['mode'], expected: string): string {
  const services = instances.map((_url, i) => `${toolId}-api${i === 0 ? '' : `-${i + 1}`}`).join(' ');
  const effect =
    mode === 'production' ? 'accepts callers without a token' : 'requires a token of every caller';
  return (
    `The service of "${toolId}" ${effect}, because it was exported in another mode than the platform runs in (${mode}). ` +
    `Set AUTH_MODE: ${expected} for ${services} in ${COMPOSE_FILE}, then run: docker compose -f ${COMPOSE_FILE} up --detach ${services}`
  );
}

/** `null`: no answer, which is reported elsewhere. */
async function readiness(instance: string): Promise<Readiness | null> {
  try {
    const answer = await fetch(`${instance}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return (await answer.json()) as Readiness;
  } catch {
    return null;
  }
}
