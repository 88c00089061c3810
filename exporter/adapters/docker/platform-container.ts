import { existsSync } from 'node:fs';
import type Docker from 'dockerode';
import type { Settings } from '../../../contracts/settings.ts';
import { createEngine, pingEngine } from './engine.ts';
import { projectNameOf } from './project.ts';
import { containersOf } from './service-containers.ts';

/** The platform of a repository as a container of its compose file. */
export interface PlatformContainer {
  readonly mode: Settings['mode'];
  /** Port of this machine where its database answers; `null` when none is published. */
  readonly databasePort: number | null;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** `null`: the platform of this workspace does not run in a container, or no engine answers. */
export async function findPlatformContainer(
  root: string,
  engine: Docker = createEngine(),
): Promise<PlatformContainer | null> {
  try {
    await pingEngine(engine);
  } catch {
    return null;
  }
  const [platform] = await runningOf(engine, root, 'platform');
  if (platform === undefined) return null;
  const [database] = await runningOf(engine, root, 'platform-db');
  const { Config } = await engine.getContainer(platform.Id).inspect();
  const port = database?.Ports.find(({ PrivatePort }) => PrivatePort === 5432)?.PublicPort;
  return {
    mode: Config.Env.includes('PLATFORM_MODE=production') ? 'production' : 'development',
    databasePort: port ?? null,
  };
}

/** Whether an engine may answer here. Its client takes longer to load than many a command takes. */
export const mayHaveEngine = (env: Readonly<Record<string, string | undefined>>): boolean =>
  (env['DOCKER_HOST'] ?? '') !== '' || existsSync(DEFAULT_SOCKET);

const runningOf = async (engine: Docker, root: string, service: string): Promise<Docker.ContainerInfo[]> =>
  (await containersOf(engine, { project: projectNameOf(root), service })).filter(
    ({ State }) => State === 'running',
  );
