import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type Docker from 'dockerode';

/** Label of every container, volume and network that compose creates. */
const COMPOSE_PROJECT = 'com.docker.compose.project';

/**
 * The project of this folder as compose would call it: `COMPOSE_PROJECT_NAME` of the environment or of `.env`, else the
 * folder's name. It separates this clone from another one on the same engine that has exported a tool of the same id.
 */
export function projectNameOf(root: string): string {
  const asked = process.env['COMPOSE_PROJECT_NAME'] ?? inDotEnv(root) ?? '';
  return (asked === '' ? path.basename(root) : asked)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/** Label filter for everything that compose has created for the project. */
export const projectLabel = (project: string): string => `${COMPOSE_PROJECT}=${project}`;

export const projectIn = (labels: Readonly<Record<string, string>> | undefined): string | undefined =>
  labels?.[COMPOSE_PROJECT];

/** Removes the project's networks when it has no containers; compose recreates them on demand. */
export async function removeIdleNetworks(engine: Docker, project: string): Promise<void> {
  const filters = { label: [projectLabel(project)] };
  if ((await engine.listContainers({ all: true, filters })).length > 0) return;
  for (const { Id } of await engine.listNetworks({ filters })) await engine.getNetwork(Id).remove();
}

function inDotEnv(root: string): string | undefined {
  try {
    return parseEnv(readFileSync(path.join(root, '.env'), 'utf8'))['COMPOSE_PROJECT_NAME'];
  } catch {
    return undefined; // no .env file
  }
}
