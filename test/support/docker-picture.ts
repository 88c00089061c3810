import type Docker from 'dockerode';

/** Names of all that an engine holds: `docker ps -a`, `images`, `volume ls` and `network ls`. */
export interface EnginePicture {
  readonly containers: readonly string[];
  readonly images: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

export async function enginePicture(engine: Docker): Promise<EnginePicture> {
  const [containers, images, volumes, networks] = await Promise.all([
    engine.listContainers({ all: true }),
    engine.listImages({ all: true }),
    engine.listVolumes(),
    engine.listNetworks(),
  ]);
  return {
    containers: containers.flatMap((c) => c.Names).sort(),
    images: images.map((i) => `${i.RepoTags?.join(' ') ?? ''} ${i.Id}`).sort(),
    volumes: volumes.Volumes.map((v) => v.Name).sort(),
    networks: networks.map((n) => n.Name).sort(),
  };
}
