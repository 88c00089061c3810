import type { SharedFacts } from '../../core/facts.ts';
import type { ReadPorts } from '../../core/ports.ts';
import type { FrontendFacts } from './facts.ts';

/** The tool's frontend and the web app around it. */
export async function readFrontend(
  shared: SharedFacts,
  { root, files, formatted }: ReadPorts,
): Promise<FrontendFacts> {
  const { manifest, names, servicePort, preflight, request } = shared;
  // Loads TypeScript's compiler, which only a new export needs
  const { generateWebApp } = await import('../../generate/web-app/generate-web-app.ts');
  const frontend = await generateWebApp({
    root,
    files,
    manifest,
    names,
    servicePort,
    commit: preflight.commit,
    runtime: shared.runtime,
    keepEdits: request.keepEdits,
    ...(formatted === undefined ? {} : { formatted }),
  });
  return { ...shared, frontend };
}
