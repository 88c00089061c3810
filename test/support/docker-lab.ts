import type Docker from 'dockerode';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { projectNameOf } from '../../exporter/adapters/docker/project.ts';
import { containersOf } from '../../exporter/adapters/docker/service-containers.ts';
import { composePlugin, composeProgram, type ComposeVersion } from './docker-compose.ts';
import { dockerEngine } from './docker-engine.ts';
import { baseImages, type BaseImages } from './docker-images.ts';
import { openLab, type Lab } from './lab.ts';

/** A platform of its own whose exports go to the machine's engine, by the compose that is asked for. */
export interface DockerLab extends Lab {
  readonly engine: Docker;
  readonly images: BaseImages;
  readonly compose: ComposeVersion;
  /** The container of a service of the compose file, such as `crm-api`. Compose chooses its name. */
  container(service: string): Promise<Docker.Container>;
}

/** @param options.compose the version that is wanted; where it is not to be had, the other does the work */
export async function openDockerLab(options: {
  readonly compose: 1 | 2;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<DockerLab> {
  const engine = await dockerEngine();
  const images = await baseImages(engine);
  const wanted = options.compose === 1 ? composeProgram : composePlugin;
  const compose = (await wanted()) ?? (await composePlugin()) ?? (await composeProgram());
  if (compose === null) throw new Error('neither "docker compose" nor "docker-compose" works here');
  const host = process.env['DOCKER_HOST'];
  const { PATH, ...env } = compose.env;
  const lab = await openLab({
    env: {
      ...images,
      PLATFORM_GATEWAY: 'auto',
      ...(process.env['TEST_LANE'] === undefined ? { SERVICE_PORT_FROM: String(await quietPort()) } : {}),
      DATABASE_PORT_FROM: String(await quietPort()),
      ...(host === undefined ? {} : { DOCKER_HOST: host }),
      ...env,
      ...(PATH === undefined ? {} : { PATH }),
      ...options.env,
    },
  });
  return Object.assign(lab, {
    engine,
    images,
    compose,
    container: (service: string) => containerOf(engine, { root: lab.root, service }),
  });
}

/** The first container of a service of the repository's compose project. */
export async function containerOf(
  engine: Docker,
  { root, service }: { readonly root: string; readonly service: string },
): Promise<Docker.Container> {
  const [found] = await containersOf(engine, { project: projectNameOf(root), service });
  if (found === undefined) throw new Error(`service ${service} has no container`);
  return engine.getContainer(found.Id);
}

/** The gateway's whole configuration as nginx reads it (`nginx -T`); the words of the platform's own facade otherwise. */
export async function gatewayPicture(lab: Lab): Promise<string> {
  const main = `${lab.root}/.platform/gateway/nginx.conf`;
  const { stdout, failed } = await execa('nginx', ['-T', '-q', '-c', main], {
    reject: false,
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  return failed ? '' : stdout;
}

/**
 * A free port with free ones behind it, below those that the system gives to connections: an export chooses its ports
 * long before its containers take them, and a load test opens hundreds of connections meanwhile.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([0, 1, 2].map((more) => isFree(port + more)));
    if (free.every(Boolean)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
