import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import type { GatewayPort } from '../../core/infrastructure-ports.ts';
import { createEngine, pingEngine } from '../docker/engine.ts';
import { readLog } from '../docker/container-state.ts';
import { projectLabel, projectNameOf } from '../docker/project.ts';
import { withCandidate } from './candidate.ts';
import { endOf, problemOf, type NginxPlace } from './host-nginx.ts';

const FOLDER = '/etc/nginx/gateway';
const MAIN = `${FOLDER}/nginx.conf`;
const RELOAD_TIMEOUT_MS = 10_000;

/** The gateway's container of docker-compose.poc.yml. Validates nothing while the container is not running. */
export function containerNginx({ root, settings }: NginxPlace): GatewayPort {
  const engine = createEngine();
  return {
    async validate(files) {
      const gateway = await findGateway(engine, root);
      if (gateway === null) return { testedBy: null, problem: null };
      const { Config } = await gateway.inspect();
      const problem = await withCandidate({ root, stateDir: settings.stateDir, files }, (folder) =>
        testIn(engine, Config.Image, folder),
      );
      return { testedBy: `nginx of ${Config.Image}`, problem };
    },
    async reload() {
      const gateway = await findGateway(engine, root);
      if (gateway === null) return 'not-running';
      const before = (await workersOf(gateway)).fresh;
      await gateway.kill({ signal: 'SIGHUP' });
      const deadline = performance.now() + RELOAD_TIMEOUT_MS;
      while (performance.now() < deadline) {
        const now = (await workersOf(gateway)).fresh;
        if (now.length > 0 && now.every((pid) => !before.includes(pid))) {
          await endOf(before, async () => (await workersOf(gateway)).all);
          return 'reloaded';
        }
        await delay(50);
      }
      throw new PlatformError(
        'step-failed',
        `The gateway's container did not load its new configuration within ${RELOAD_TIMEOUT_MS / 1000} s. Its log: docker compose -f docker-compose.poc.yml logs gateway`,
      );
    },
  };
}

/** The running gateway container of this repository's compose project; `null` when there is none. */
async function findGateway(engine: Docker, root: string): Promise<Docker.Container | null> {
  try {
    await pingEngine(engine);
  } catch {
    return null; // no engine, so no container
  }
  const label = [projectLabel(projectNameOf(root)), 'com.docker.compose.service=gateway'];
  const [found] = await engine.listContainers({ filters: { label, status: ['running'] } });
  return found === undefined ? null : engine.getContainer(found.Id);
}

/** Runs `nginx -t` in a new container of the gateway's image; the running gateway is not touched. */
async function testIn(engine: Docker, image: string, folder: string): Promise<string | null> {
  const container = await engine.createContainer({
    Image: image,
    Entrypoint: [],
    User: '101:101', // as in the compose file
    Cmd: ['nginx', '-t', '-q', '-c', MAIN],
    HostConfig: {
      Binds: [`${folder}:${FOLDER}:ro`],
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': '' },
      CapDrop: ['ALL'],
    },
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    if (StatusCode === 0) return null;
    return problemOf(await readLog(engine, container), FOLDER);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** `fresh` excludes the workers of an earlier configuration, which only finish their requests. */
async function workersOf(
  gateway: Docker.Container,
): Promise<{ readonly all: readonly string[]; readonly fresh: readonly string[] }> {
  const { Titles, Processes } = (await gateway.top({ ps_args: '-eo pid,args' })) as {
    Titles: string[];
    Processes: string[][];
  };
  const pid = Titles.indexOf('PID');
  const workers = Processes.filter((p) => p.join(' ').includes('worker process'));
  const pidsOf = (processes: string[][]): string[] => processes.map((p) => p[pid] ?? '');
  return {
    all: pidsOf(workers),
    fresh: pidsOf(workers.filter((p) => !p.join(' ').includes('shutting down'))),
  };
}
