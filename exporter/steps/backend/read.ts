import { DEFAULT_IMAGES } from '../../../contracts/settings.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import type { BackendFacts } from './facts.ts';

/** The tool's backend and the service around it. */
export async function readBackend(
  shared: SharedFacts,
  { root, files, formatted }: ReadPorts,
): Promise<BackendFacts> {
  const { manifest, names, servicePort, preflight, request } = shared;
  // Loads TypeScript's compiler, which only a new export needs
  const { generateService } = await import('../../generate/service/generate-service.ts');
  const backend = await generateService({
    root,
    files,
    manifest,
    names,
    servicePort,
    commit: preflight.commit,
    nodeImage: DEFAULT_IMAGES.node,
    runtime: shared.runtime,
    keepEdits: request.keepEdits,
    ...(formatted === undefined ? {} : { formatted }),
  });
  return { ...shared, backend };
}
