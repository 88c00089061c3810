import path from 'node:path';
import type Docker from 'dockerode';

/** The name that compose gives to the project of this folder when nobody gives it another. */
export function projectNameOf(root: string): string {
  return path
    .basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/** Removes the project's networks when none of its containers is left; compose makes them again when it needs them. */
export async function removeIdleNetworks(engine: Docker, project: string): Promise<void> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  if ((await engine.listContainers({ all: true, filters })).length > 0) return;
  for (const { Id } of await engine.listNetworks({ filters })) await engine.getNetwork(Id).remove();
}
