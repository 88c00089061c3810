import type Docker from 'dockerode';
import type { Finding, Runtime } from '../../../contracts/plan.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { RefusedError } from '../../core/failures.ts';
import { findCompose } from '../../adapters/compose/compose-command.ts';
import { lookForBaseImages, type BaseImage } from '../../adapters/docker/base-images.ts';
import { createEngine, pingEngine } from '../../adapters/docker/engine.ts';

export interface RuntimeQuestion {
  readonly requested: Runtime | 'auto';
  readonly images: Settings['images'];
  /** Replacements for the engine and the compose of this machine. */
  readonly engine?: Docker;
  readonly hasCompose?: () => Promise<boolean>;
}

export interface RuntimeChoice {
  readonly runtime: Runtime;
  /** Digest of each base image, by its name, where it is known. */
  readonly digests: Readonly<Record<string, string>>;
  /** Why `auto` chose the local runtime, and obstacles that are uncertain. */
  readonly findings: readonly Finding[];
}

/** A reason why an export cannot, or possibly cannot, run in containers. */
interface Obstacle {
  readonly message: string;
  readonly remedy: string;
  /** Known only once it is tried. */
  readonly uncertain?: boolean;
}

/**
 * Chooses the runtime. `auto` chooses Docker when the engine answers, compose is installed, and the base images are on
 * this machine or can be pulled.
 * @throws RefusedError `engine-unavailable` when Docker is requested and a requirement is missing.
 */
export async function chooseRuntime(question: RuntimeQuestion): Promise<RuntimeChoice> {
  if (question.requested === 'local') return { runtime: 'local', findings: [], digests: {} };
  const { obstacles, digests } = await lookAround(question);
  if (question.requested === 'auto')
    return obstacles.length === 0
      ? { runtime: 'docker', findings: [], digests }
      : { runtime: 'local', findings: [whyLocal(obstacles)], digests: {} };
  const findings = obstacles.map(findingOf);
  if (findings.some((finding) => finding.severity === 'error'))
    throw new RefusedError('engine-unavailable', findings);
  return { runtime: 'docker', findings, digests };
}

/** The obstacles, and the digests of the base images that are available. */
async function lookAround(question: RuntimeQuestion): Promise<{
  readonly obstacles: readonly Obstacle[];
  readonly digests: RuntimeChoice['digests'];
}> {
  const engine = question.engine ?? createEngine();
  const hasCompose = question.hasCompose ?? (async () => (await findCompose()) !== null);
  try {
    await pingEngine(engine);
  } catch {
    return { obstacles: [ENGINE_AWAY], digests: {} };
  }
  const [compose, images] = await Promise.all([hasCompose(), lookForBaseImages(engine, question.images)]);
  const known = images.flatMap((image) => ('digest' in image ? [[image.name, image.digest]] : []));
  return {
    obstacles: obstaclesIn(compose, images),
    digests: Object.fromEntries(known) as Record<string, string>,
  };
}

const ENGINE_AWAY: Obstacle = {
  message: 'Docker is not running',
  remedy: 'Start the Docker engine, or export without it: --runtime=local',
};

function obstaclesIn(compose: boolean, images: readonly BaseImage[]): readonly Obstacle[] {
  return [
    ...(compose
      ? []
      : [
          {
            message: 'Neither "docker compose" nor "docker-compose" works here',
            remedy: 'Install one of them, or export without containers: --runtime=local',
          },
        ]),
    ...images.flatMap((image) =>
      !('reason' in image)
        ? []
        : [
            {
              message: `The base image ${image.name} is not on this machine and cannot be pulled: ${image.reason}`,
              remedy: `Pull it (docker pull ${image.name}), name another with PLATFORM_NODE_IMAGE, PLATFORM_POSTGRES_IMAGE or PLATFORM_NGINX_IMAGE, or export with --runtime=local`,
              uncertain: image.state === 'refused',
            },
          ],
    ),
  ];
}

function findingOf({ message, remedy, uncertain }: Obstacle): Finding {
  const severity = uncertain === true ? 'warning' : 'error';
  return { code: 'engine-unavailable', severity, step: 'preflight', message, remedy };
}

function whyLocal(obstacles: readonly Obstacle[]): Finding {
  return {
    code: 'runtime-local',
    severity: 'info',
    step: 'preflight',
    message: `No containers: ${obstacles.map((o) => o.message).join('; ')}`,
    remedy: '',
  };
}
