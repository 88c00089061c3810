import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import { gatewayOf, type Subnet } from './gateway-of.ts';

/** How a container and this machine see each other. */
export interface HostOfContainer {
  /** Address of this machine, seen from the container. */
  readonly gateway: string;
  /** Address of the container, seen from this machine. */
  readonly own: string;
}

/**
 * Looks up the running container whose port is published as `port` of this machine.
 *
 * @throws PlatformError `step-failed` when there is none, or none with a network that leads to this machine
 */
export async function hostOfContainer(engine: Docker, port: number): Promise<HostOfContainer> {
  const container = (await engine.listContainers()).find(({ Ports }) =>
    Ports.some(({ PublicPort }) => PublicPort === port),
  );
  for (const [name, { IPAddress: own }] of Object.entries(container?.NetworkSettings.Networks ?? {})) {
    const { IPAM, Internal } = (await engine.getNetwork(name).inspect()) as NetworkInfo;
    const [gateway] = (IPAM?.Config ?? []).flatMap(gatewayOf);
    if (Internal !== true && gateway !== undefined && own !== '') return { gateway, own };
  }
  throw new PlatformError(
    'step-failed',
    `No running container with port ${port} has a network to this machine. Look at: docker ps. Then run the command again.`,
  );
}

interface NetworkInfo {
  readonly Internal?: boolean;
  readonly IPAM?: { readonly Config?: readonly Subnet[] };
}
