import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import { readFrontendFacts } from '../../generate/web-app/read-frontend-facts.ts';
import type { FrontendFacts } from './facts.ts';

/** The tool's frontend and the web app around it. */
export async function readFrontend(shared: SharedFacts, { root }: ReadPorts): Promise<FrontendFacts> {
  const { manifest, names, servicePort, preflight, request } = shared;
  const frontend = await readFrontendFacts({
    root,
    manifest,
    names,
    servicePort,
    commit: preflight.commit,
    keepEdits: request.keepEdits,
  });
  return { ...shared, frontend };
}
