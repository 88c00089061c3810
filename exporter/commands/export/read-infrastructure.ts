import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ToolId } from '../../../contracts/ids.ts';
import { COMPOSE_FILE, type ToolNames } from '../../../contracts/naming.ts';
import type { Runtime } from '../../../contracts/plan.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { publishedPorts } from '../../adapters/compose/published-ports.ts';
import { freePorts } from '../../adapters/processes/free-ports.ts';
import { createEngine } from '../../adapters/docker/engine.ts';
import { platformForContainers } from '../../adapters/docker/platform-for-containers.ts';
import { projectNameOf } from '../../adapters/docker/project.ts';
import { serviceUser } from '../../adapters/docker/service-user.ts';
import { knowsStartInterval } from '../../adapters/docker/start-interval.ts';
import type { ContainerFacts, InfrastructureFacts } from '../../core/facts.ts';

export interface InfrastructureQuestion {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
  readonly toolId: ToolId;
  readonly names: ToolNames;
  readonly servicePort: number;
  readonly replicas: number;
  readonly runtime: Runtime;
  /** Digests of the base images, by name. */
  readonly digests: Readonly<Record<string, string>>;
  /** Address of the running platform; `null` when it does not answer. */
  readonly platformUrl: string | null;
  /** Port on which the gateway answers now, as the running platform reports it. */
  readonly gatewayPort: number;
  /** Reserves a port among running exports; `false`: another export has reserved it. */
  readonly reservePort: (port: number) => Promise<boolean>;
}

/** Reads the compose file and the gateway, and finds free ports. */
export async function readInfrastructure(question: InfrastructureQuestion): Promise<InfrastructureFacts> {
  const { root, settings, names, servicePort, reservePort } = question;
  const docker = question.runtime === 'docker';
  const platform = docker
    ? await platformForContainers({
        root,
        toolId: question.toolId,
        mode: settings.mode,
        platformUrl: question.platformUrl,
        engine: createEngine(),
      })
    : { variables: {}, findings: [], inContainer: false };
  const composeText = await textOf(path.join(root, COMPOSE_FILE));
  const taken = publishedPorts(composeText ?? '');
  const [databasePort = settings.databasePortFrom] = await freePorts({
    from: settings.databasePortFrom,
    count: 1,
    host: '127.0.0.1',
    taken,
    // With the local runtime the database is on the platform's server and needs no port
    reserve: docker ? reservePort : () => Promise.resolve(true),
  });
  return {
    findings: platform.findings,
    composeText,
    gatewayText: await textOf(path.join(root, names.gatewayFile)),
    upstreamText: await textOf(path.join(root, names.upstreamFile)),
    gatewayPort: question.gatewayPort,
    databasePort,
    replicaPorts: await freePorts({
      from: servicePort + 1,
      count: question.replicas - 1,
      host: '127.0.0.1',
      taken: new Set([...taken, servicePort]),
      reserve: reservePort,
    }),
    composeProject: projectNameOf(root),
    platformKeys: platform.variables,
    platformInContainer: platform.inContainer,
    ...(docker ? { containers: await containerFacts(question.digests) } : {}),
  };
}

async function containerFacts(digests: InfrastructureQuestion['digests']): Promise<ContainerFacts> {
  return { user: serviceUser(), digests, startInterval: await knowsStartInterval(createEngine()) };
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
