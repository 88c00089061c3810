import type Docker from 'dockerode';
import type { ComposeFile } from '../compose/read-compose.ts';
import { statusOf } from './engine.ts';
import { projectLabel } from './project.ts';

/** A volume or network of the project. */
interface Resource {
  readonly name: string;
  /** What the compose file calls it. */
  readonly key: string;
  readonly remove: () => Promise<unknown>;
}

/** Names of the project's volumes and networks. */
export async function resourcesOf(engine: Docker, project: string): Promise<ReadonlySet<string>> {
  const { volumes, networks } = await listResources(engine, project);
  return new Set([...volumes, ...networks].map(({ name }) => name));
}

/**
 * Removes the volumes and networks that starting some services has created for the other ones: compose creates those of
 * the whole file. They are empty; one in use stays.
 *
 * @param options.before what {@link resourcesOf} has found before the start
 * @param options.needed the file, reduced to the services that were started
 */
export async function removeUnasked(
  engine: Docker,
  options: { readonly project: string; readonly before: ReadonlySet<string>; readonly needed: ComposeFile },
): Promise<void> {
  const { before, needed } = options;
  const { volumes, networks } = await listResources(engine, options.project);
  const unasked = [
    ...volumes.filter(({ key }) => !Object.hasOwn(needed.volumes ?? {}, key)),
    ...networks.filter(({ key }) => key !== 'default' && !Object.hasOwn(needed.networks ?? {}, key)),
  ];
  for (const { name, remove } of unasked) if (!before.has(name)) await remove().catch(ignoreInUse);
}

async function listResources(
  engine: Docker,
  project: string,
): Promise<{ readonly volumes: readonly Resource[]; readonly networks: readonly Resource[] }> {
  const filters = { label: [projectLabel(project)] };
  const [{ Volumes: volumes }, networks] = await Promise.all([
    engine.listVolumes({ filters }),
    engine.listNetworks({ filters }),
  ]);
  return {
    volumes: volumes.map(({ Name, Labels }) => ({
      name: Name,
      key: Labels['com.docker.compose.volume'] ?? Name,
      remove: () => engine.getVolume(Name).remove(),
    })),
    networks: networks.map(({ Id, Name, Labels }) => ({
      name: Name,
      key: Labels?.['com.docker.compose.network'] ?? Name,
      remove: () => engine.getNetwork(Id).remove(),
    })),
  };
}

/** Gone already (404), or in use (403 of a network, 409 of a volume). */
function ignoreInUse(error: unknown): void {
  if (![403, 404, 409].includes(statusOf(error) ?? 0)) throw error;
}
