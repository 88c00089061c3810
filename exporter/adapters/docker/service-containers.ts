import type Docker from 'dockerode';
import { projectLabel } from './project.ts';

/** Label of a container: the service of the compose file that it is an instance of. */
const SERVICE = 'com.docker.compose.service';

/** A service of a compose project. */
export interface ComposeServiceRef {
  readonly project: string;
  readonly service: string;
}

/** The containers of a service, in the order of their numbers, whether they run or not. Compose chooses their names. */
export async function containersOf(
  engine: Docker,
  { project, service }: ComposeServiceRef,
): Promise<readonly Docker.ContainerInfo[]> {
  const label = [projectLabel(project), `${SERVICE}=${service}`, 'com.docker.compose.oneoff=False'];
  const found = await engine.listContainers({ all: true, filters: { label } });
  return found.toSorted((one, other) => numberOf(one) - numberOf(other));
}

const numberOf = ({ Labels }: Docker.ContainerInfo): number =>
  Number(Labels['com.docker.compose.container-number'] ?? 1);

export const serviceIn = (labels: Readonly<Record<string, string>> | undefined): string | undefined =>
  labels?.[SERVICE];
