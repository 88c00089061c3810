import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding, Runtime } from '../../../contracts/plan.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { instancesOf, type InfrastructureInput } from './compose-entry.ts';
import type { InfrastructureFacts } from './facts.ts';
import { gatewayFilesOf, upstreamFileOf } from './gateway-conf.ts';
import { nginxGateOf } from './nginx-gate.ts';
import type { GatewayPort, GatewayVerdict } from '../../core/infrastructure-ports.ts';
import { COMPOSE_FILE } from './operations/update-compose.ts';
import { createEngine } from '../../adapters/docker/engine.ts';
import { occupiedNames } from '../../adapters/docker/occupied-names.ts';
import { projectNameOf } from '../../adapters/docker/project.ts';
import { publishedPorts } from '../../adapters/compose/published-ports.ts';
import { freePorts } from '../../adapters/processes/free-ports.ts';
import { platformForContainers } from '../../adapters/docker/platform-for-containers.ts';

export interface InfrastructureQuestion {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  readonly servicePort: number;
  readonly replicas: number;
  readonly runtime: Runtime;
  /** Address of the running platform; `null` when it does not answer. */
  readonly platformUrl: string | null;
  /** Port on which the gateway answers now, as the running platform says. */
  readonly gatewayPort: number;
  readonly gateway: GatewayPort;
  /** Keeps other exports from choosing the port meanwhile; `false`: one has. */
  readonly reservePort: (port: number) => Promise<boolean>;
}

/** Reads the compose file and the gateway, finds ports, and asks nginx what it thinks of the route to be. */
export async function readInfrastructureFacts(
  question: InfrastructureQuestion,
): Promise<InfrastructureFacts> {
  const { root, settings, names, manifest, servicePort } = question;
  const docker = question.runtime === 'docker';
  const platform = docker
    ? await platformForContainers({
        root,
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
    // A process of this machine has its database in the platform's server
    reserve: docker ? question.reservePort : () => Promise.resolve(true),
  });
  const facts: InfrastructureFacts = {
    composeText,
    gatewayText: await textOf(path.join(root, names.gatewayFile)),
    upstreamText: await textOf(path.join(root, upstreamFileOf(manifest.id))),
    gatewayPort: question.gatewayPort,
    databasePort,
    replicaPorts: await freePorts({
      from: servicePort + 1,
      count: question.replicas - 1,
      host: '127.0.0.1',
      taken: new Set([...taken, servicePort]),
      reserve: question.reservePort,
    }),
    composeProject: projectNameOf(root),
    platformKeys: platform.variables,
    platformInContainer: platform.inContainer,
    findings: [],
  };
  const gateway = await askGateway(question, facts);
  const occupied = docker ? await occupiedBy(question, facts) : [];
  return { ...facts, ...gateway, findings: [...platform.findings, ...occupied, ...gateway.findings] };
}

function occupiedBy(
  question: InfrastructureQuestion,
  infrastructure: InfrastructureFacts,
): Promise<readonly Finding[]> {
  const { manifest, names } = question;
  const instances = instancesOf({ ...question, infrastructure }).map((instance) => instance.name);
  return occupiedNames(createEngine(), {
    toolId: manifest.id,
    project: infrastructure.composeProject,
    containers: [names.db, ...instances, names.web],
  });
}

/** What nginx says of the route to be, and what follows from it. */
async function askGateway(
  question: InfrastructureQuestion,
  infrastructure: InfrastructureFacts,
): Promise<Pick<InfrastructureFacts, 'findings' | 'gates'>> {
  const { manifest, names, settings, servicePort } = question;
  const input: InfrastructureInput = { manifest, names, settings, servicePort, infrastructure };
  let files: Readonly<Record<string, string>>;
  try {
    files = gatewayFilesOf(input);
  } catch {
    return { findings: [] }; // the step's own check says so, with file and line
  }
  const verdict = await question.gateway.validate(files);
  return { findings: gatewayFindings(question, verdict), gates: [nginxGateOf(verdict)] };
}

function gatewayFindings({ names }: InfrastructureQuestion, verdict: GatewayVerdict): readonly Finding[] {
  if (verdict.problem !== null)
    return [
      {
        code: 'gateway-invalid',
        severity: 'error',
        step: 'infrastructure',
        message: `The gateway would not take the route: ${verdict.problem}`,
        file: names.gatewayFile,
        remedy: 'Correct the file that nginx names, then run the export again.',
      },
    ];
  if (verdict.testedBy !== null) return [];
  return [
    {
      code: 'nginx-not-run',
      severity: 'info',
      step: 'infrastructure',
      message: 'Nginx syntax read by nginx-conf; nginx -t not run, as there is no nginx on this machine',
      remedy: '',
    },
  ];
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
