import type { SharedFacts } from '../../core/facts.ts';
import type { GatewayVerdict } from '../../core/infrastructure-ports.ts';
import type { ReadPorts } from '../../core/ports.ts';
import { instancesOf } from '../../generate/infrastructure/compose-entry.ts';
import { gatewayFilesOf } from '../../generate/infrastructure/gateway-conf.ts';
import type { InfrastructureStepFacts } from './facts.ts';

/** Tests the planned route with nginx, and finds existing containers and volumes with the planned names. */
export async function readInfrastructureStep(
  shared: SharedFacts,
  ports: ReadPorts,
): Promise<InfrastructureStepFacts> {
  const { manifest, names, runtime, infrastructure } = shared;
  const instances = instancesOf(shared).map((instance) => instance.name);
  const occupied =
    runtime === 'docker'
      ? await ports.containers.occupied({
          toolId: manifest.id,
          project: infrastructure.composeProject,
          services: [names.db, names.migrate, ...instances, names.web],
        })
      : [];
  return { ...shared, verdict: await testRoute(shared, ports), occupied };
}

async function testRoute(shared: SharedFacts, { gateway }: ReadPorts): Promise<GatewayVerdict | null> {
  let files: Readonly<Record<string, string>>;
  try {
    files = gatewayFilesOf(shared);
  } catch {
    return null;
  }
  return gateway.validate(files);
}
