import type Docker from 'dockerode';
import { tokenEnvironment } from '../../../contracts/tokens.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import { LIVENESS_PATH } from '../../../contracts/platform-addresses.ts';
import type { Finding } from '../../../contracts/plan.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { gatewayOf, type Subnet } from './gateway-of.ts';
import { findPlatformContainer } from './platform-container.ts';

export interface PlatformQuestion {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly toolId: ToolId;
  readonly mode: Settings['mode'];
  /** Address of the running platform as this machine sees it; `null` when it does not answer. */
  readonly platformUrl: string | null;
  readonly engine: Docker;
  /** Whether anything answers at this address, seen from this machine. */
  readonly answers?: (url: string) => Promise<boolean>;
}

export interface PlatformForContainers {
  /** Environment of a service's container. Empty values: the service cannot check tokens. */
  readonly variables: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  /** Whether it is a container of the same project. */
  readonly inContainer: boolean;
}

const PROBE_TIMEOUT_MS = 2_000;
/** Under load an answer may be late; a refused connection fails at once. */
const PROBES = 3;

/**
 * Where containers find the platform: by its name when it is a container of the same project, else on their host. A
 * platform that listens on loopback alone cannot be reached from there: in production that is an error, because a
 * service that cannot fetch the keys rejects every request; in development the service runs without them.
 */
export async function platformForContainers(question: PlatformQuestion): Promise<PlatformForContainers> {
  const { platformUrl, engine, root, mode, toolId } = question;
  if ((await findPlatformContainer(root, engine)) !== null)
    return {
      variables: tokenEnvironment('http://platform:3000', toolId),
      findings: [],
      inContainer: true,
    };
  if (platformUrl === null) return { variables: {}, findings: [], inContainer: false }; // reported by a finding of its own
  const port = new URL(platformUrl).port || '80';
  const url = `http://host.docker.internal:${port}`;
  if (await hostAnswers(question, port))
    return { variables: tokenEnvironment(url, toolId), findings: [], inContainer: false };
  return {
    variables: {
      PLATFORM_SERVICE_URL: url,
      PLATFORM_JWKS_URL: '',
      PLATFORM_ISSUER: '',
      PLATFORM_AUDIENCE: '',
    },
    inContainer: false,
    findings: [
      {
        code: 'platform-unreachable',
        severity: mode === 'production' ? 'error' : 'warning',
        step: 'infrastructure',
        message: `The platform listens at ${platformUrl} alone, where no container can reach it: the service could not fetch the keys that tokens are checked with`,
        remedy:
          (mode === 'production' ? '' : 'Nothing, if the service need not check tokens. Otherwise ') +
          'start the platform where containers reach it (PLATFORM_HOST=0.0.0.0 npm start), or run it as a container: docker compose -f docker-compose.poc.yml up --detach',
      },
    ],
  };
}

/** Whether the platform answers at the address that `host-gateway` stands for inside containers. */
async function hostAnswers({ engine, answers = answer }: PlatformQuestion, port: string): Promise<boolean> {
  const { OperatingSystem } = (await engine.info()) as { OperatingSystem: string };
  // Its virtual machine passes on what containers ask of their host, to loopback as well
  if (OperatingSystem.includes('Docker Desktop')) return true;
  const network = (await engine.getNetwork('bridge').inspect()) as { IPAM?: { Config?: readonly Subnet[] } };
  const gateways = (network.IPAM?.Config ?? []).flatMap(gatewayOf);
  for (const gateway of gateways) if (await answers(`http://${gateway}:${port}${LIVENESS_PATH}`)) return true;
  return false;
}

async function answer(url: string): Promise<boolean> {
  for (let probe = 0; probe < PROBES; probe++) {
    const found = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
      () => true,
      (error: unknown) => (error instanceof DOMException && error.name === 'TimeoutError' ? 'late' : false),
    );
    if (found !== 'late') return found;
  }
  return false;
}
