import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import { STOP_SECONDS } from '../../core/stop-seconds.ts';
import { PROJECT_LABEL, statusOf, TOOL_LABEL } from './engine.ts';
import { projectIn, projectLabel } from './project.ts';
import { serviceIn } from './service-containers.ts';

/** `builds`: containers in which the engine was building an image when it stopped; it removes the others itself. */
export type Kind = 'containers' | 'builds' | 'images' | 'volumes' | 'networks';

/** Containers use volumes, networks and images, so they are removed first. */
const ORDER: readonly Kind[] = ['containers', 'builds', 'volumes', 'networks', 'images'];

interface Removal {
  readonly toolId: string;
  /** Project of this clone: another clone on the same engine may have exported the same tool. */
  readonly project: string;
  readonly kinds: readonly Kind[];
  /** Only containers of these services of the compose file. */
  readonly services?: readonly string[];
}

/** Removes every labelled object, then lists again; the error names each object that remains. */
export async function removeLabelled(engine: Docker, options: Removal): Promise<void> {
  for (const kind of ORDER.filter((k) => options.kinds.includes(k))) {
    let left = await list(engine, kind, options);
    // An image can be removed only after its children: repeats as long as a round removes one
    for (let before = Infinity; left.length > 0 && left.length < before;) {
      before = left.length;
      // Containers may each use their whole grace period; images and networks depend on each other
      if (kind === 'containers') await Promise.all(left.map((item) => item.remove()));
      else for (const item of left) await item.remove();
      left = await list(engine, kind, options);
    }
    if (left.length > 0)
      throw new PlatformError(
        'rollback-incomplete',
        `Docker would not remove ${kind}: ${left.map((item) => item.name).join(', ')}. Remove them with: ${left.map((item) => item.command).join('; ')}`,
      );
  }
}

/**
 * Removes the images without a name that builds have left: the stages of a Dockerfile before its last one, and images
 * whose name a new build has taken. Images in use stay.
 */
export async function removeUnnamedImages(
  engine: Docker,
  { toolId, project }: Pick<Removal, 'toolId' | 'project'>,
): Promise<void> {
  const label = [`${TOOL_LABEL}=${toolId}`, `${PROJECT_LABEL}=${project}`];
  const unnamed = await engine.listImages({ filters: { dangling: ['true'], label } });
  for (const { Id } of unnamed) await tolerant(engine.getImage(Id).remove());
}

/** What carries the labels of the tool and of the compose project, in the order in which it can be removed. */
export async function listLabelled(
  engine: Docker,
  whose: Pick<Removal, 'toolId' | 'project'>,
): Promise<readonly (Omit<Item, 'remove'> & { readonly kind: Kind })[]> {
  const kinds = ORDER;
  const found = await Promise.all(
    kinds.map(async (kind) =>
      (await list(engine, kind, { ...whose, kinds })).map((item) => ({ ...item, kind })),
    ),
  );
  return found.flat();
}

interface Item {
  readonly name: string;
  readonly command: string;
  remove(): Promise<void>;
}

async function list(
  engine: Docker,
  kind: Kind,
  { toolId, project, services }: Removal,
): Promise<readonly Item[]> {
  const ofTool = `${TOOL_LABEL}=${toolId}`;
  // The engine builds images without compose's labels
  const whose = kind === 'builds' ? `${PROJECT_LABEL}=${project}` : projectLabel(project);
  const filters = { label: [ofTool, whose] };
  switch (kind) {
    case 'containers':
      return (await engine.listContainers({ all: true, filters }))
        .filter(({ Labels }) => services === undefined || services.includes(serviceIn(Labels) ?? ''))
        .map((c) => ({ id: c.Id, name: c.Names[0]?.replace(/^\//, '') ?? c.Id }))
        .map(({ id, name }) => ({
          name,
          command: `docker rm --force --volumes ${name}`,
          remove: () => removeContainer(engine.getContainer(id)),
        }));
    case 'builds':
      return (await engine.listContainers({ all: true, filters }))
        .filter(({ Labels }) => projectIn(Labels) === undefined)
        .map(({ Id }) => ({
          name: Id.slice(0, 12),
          command: `docker rm --force --volumes ${Id.slice(0, 12)}`,
          remove: () => removeContainer(engine.getContainer(Id)),
        }));
    case 'volumes':
      return (await engine.listVolumes({ filters })).Volumes.map(({ Name }) => ({
        name: Name,
        command: `docker volume rm ${Name}`,
        remove: () => tolerant(engine.getVolume(Name).remove()),
      }));
    case 'networks':
      return (await engine.listNetworks({ filters })).map(({ Id, Name }) => ({
        name: Name,
        command: `docker network rm ${Name}`,
        remove: () => tolerant(engine.getNetwork(Id).remove()),
      }));
    case 'images': {
      const elsewhere = await imagesOfOtherProjects(engine, project);
      return (await engine.listImages({ all: true, filters: { label: [ofTool] } }))
        .filter(
          ({ Id, Labels }) => ownerOf(Labels) === project || (ownerOf(Labels) === null && !elsewhere.has(Id)),
        )
        .map(({ Id, RepoTags }) => {
          const name = RepoTags?.find((tag) => tag !== '<none>:<none>') ?? Id;
          const remove = (): Promise<void> => tolerant(engine.getImage(Id).remove({ force: true }));
          return { name, command: `docker rmi --force ${name}`, remove };
        });
    }
  }
}

/**
 * The project that an image of the tool belongs to. An export labels its images so, and compose those that it builds itself. Before
 * version 2 it does not: `null`.
 */
const ownerOf = (labels: Readonly<Record<string, string>> | null): string | null =>
  labels?.[PROJECT_LABEL] ?? projectIn(labels ?? undefined) ?? null;

async function imagesOfOtherProjects(engine: Docker, project: string): Promise<ReadonlySet<string>> {
  const containers = await engine.listContainers({ all: true });
  return new Set(
    containers.filter(({ Labels }) => projectIn(Labels) !== project).map(({ ImageID }) => ImageID),
  );
}

async function removeContainer(container: Docker.Container): Promise<void> {
  await tolerant(container.stop({ t: STOP_SECONDS }));
  await tolerant(container.remove({ force: true, v: true }));
}

/** Removed already (404), stopped already (304), or still in use (409): the next listing decides. */
async function tolerant(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (![304, 404, 409].includes(statusOf(error) ?? 0)) throw error;
  }
}
