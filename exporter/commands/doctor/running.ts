import path from 'node:path';
import type Docker from 'dockerode';
import { namesOf } from '../../../contracts/naming.ts';
import { shellQuote } from '../../core/shell-command.ts';
import { createEngine, engineVersion, TOOL_LABEL } from '../../adapters/docker/engine.ts';
import { projectLabel, projectNameOf } from '../../adapters/docker/project.ts';
import { listProcesses } from '../../../registry-api/processes.ts';
import type { Leftover, LeftoverPlace } from './leftover.ts';

/** Services that nobody sends anything to: processes out of the folder of an app. */
export async function leftProcesses({ root, settled }: LeftoverPlace): Promise<readonly Leftover[]> {
  const folders = settled.map((toolId) => `${path.join(root, namesOf(toolId).apiFolder)}/`);
  return (await listProcesses())
    .filter(({ command }) => folders.some((folder) => command.includes(folder)))
    .map(({ pid, command }) => ({
      what: `process ${pid}: ${command}`,
      command: `kill ${pid}`,
      clear: () => end(pid),
    }));
}

async function end(pid: number): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // gone already
    }
    for (let n = 0; n < 100 && (await listProcesses()).some((p) => p.pid === pid); n++) await delay(50);
  }
}

/** Containers, volumes and networks of this repository's compose project that carry the label of such a tool. */
export async function leftInDocker({ root, settled }: LeftoverPlace): Promise<readonly Leftover[]> {
  const engine = createEngine();
  if ((await engineVersion(engine)) === null) return [];
  // The label of the project tells this clone's containers from those of another one on the same engine
  const filters = { label: [TOOL_LABEL, projectLabel(projectNameOf(root))] };
  const ours = (labels: Readonly<Record<string, string>> | null | undefined): boolean =>
    settled.some((toolId) => labels?.[TOOL_LABEL] === toolId);
  const containers = (await engine.listContainers({ all: true, filters })).filter((c) => ours(c.Labels));
  const volumes = (await engine.listVolumes({ filters })).Volumes.filter((v) => ours(v.Labels));
  const networks = (await engine.listNetworks({ filters })).filter((n) => ours(n.Labels));
  return [
    ...containers.map((c) => {
      const name = c.Names[0]?.replace(/^\//, '') ?? c.Id;
      return {
        what: `container ${name}`,
        command: `docker rm --force --volumes ${shellQuote(name)}`,
        clear: () => removed(engine.getContainer(c.Id)),
      };
    }),
    ...volumes.map(({ Name }) => ({
      what: `volume ${Name}`,
      command: `docker volume rm ${shellQuote(Name)}`,
      clear: () =>
        engine
          .getVolume(Name)
          .remove()
          .then(() => undefined),
    })),
    ...networks.map(({ Id, Name }) => ({
      what: `network ${Name}`,
      command: `docker network rm ${shellQuote(Name)}`,
      clear: () =>
        engine
          .getNetwork(Id)
          .remove()
          .then(() => undefined),
    })),
  ];
}

async function removed(container: Docker.Container): Promise<void> {
  await container.remove({ force: true, v: true });
}
