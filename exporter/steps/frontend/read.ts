import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import { generateWebApp } from '../../generate/web-app/generate-web-app.ts';
import type { FrontendFacts } from './facts.ts';

/** The tool's frontend and the web app around it. */
export async function readFrontend(shared: SharedFacts, { root, files }: ReadPorts): Promise<FrontendFacts> {
  const { manifest, names, servicePort, preflight, request } = shared;
  const frontend = await generateWebApp({
    root,
    files,
    manifest,
    names,
    servicePort,
    commit: preflight.commit,
    keepEdits: request.keepEdits,
  });
  return { ...shared, frontend };
}
