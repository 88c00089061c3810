import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import { STOP_SECONDS } from '../../core/stop-seconds.ts';
import { PROJECT_LABEL, statusOf, TOOL_LABEL } from './engine.ts';
import { projectIn, projectLabel } from './project.ts';

export type Kind = 'containers' | 'images' | 'volumes' | 'networks';

/** Containers use volumes, networks and images, so they are removed first. */
const ORDER: readonly Kind[] = ['containers', 'volumes', 'networks', 'images'];

interface Removal {
  readonly toolId: string;
  /** Project of this clone: another clone on the same engine may have exported the same tool. */
  readonly project: string;
  readonly kinds: readonly Kind[];
  /** Only containers of these names. */
  readonly names?: readonly string[];
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

/** What carries the labels of the tool and of the compose project, in the order in which it can be removed. */
export async function listLabelled(
  engine: Docker,
  whose: Pick<Removal, 'toolId' | 'project'>,
): Promise<readonly (Omit<Item, 'remove'> & { readonly kind: 'containers' | 'volumes' | 'networks' })[]> {
  const kinds = ['containers', 'volumes', 'networks'] as const;
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
  { toolId, project, names }: Removal,
): Promise<readonly Item[]> {
  const ofTool = `${TOOL_LABEL}=${toolId}`;
  const filters = { label: [ofTool, projectLabel(project)] };
  switch (kind) {
    case 'containers':
      return (await engine.listContainers({ all: true, filters }))
        .map((c) => ({ id: c.Id, name: c.Names[0]?.replace(/^\//, '') ?? c.Id }))
        .filter(({ name }) => names === undefined || names.includes(name))
        .map(({ id, name }) => ({
          name,
          command: `docker rm --force --volumes ${name}`,
          remove: () => removeContainer(engine.getContainer(id)),
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
    case 'images':
      return (await engine.listImages({ all: true, filters: { label: [ofTool] } }))
        .filter(({ Labels }) => isOf(project, Labels))
        .map(({ Id, RepoTags }) => ({
          name: RepoTags?.[0] ?? Id,
          command: `docker rmi --force ${RepoTags?.[0] ?? Id}`,
          remove: () => tolerant(engine.getImage(Id).remove({ force: true })),
        }));
  }
}

/**
 * Whether an image of the tool is this project's. An export labels it so; compose labels what it builds itself, or nothing before
 * version 2. Without a label it is this project's, because names of containers keep a second project from exporting the tool.
 */
function isOf(project: string, labels: Readonly<Record<string, string>> | null): boolean {
  return (labels?.[PROJECT_LABEL] ?? projectIn(labels ?? undefined) ?? project) === project;
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
