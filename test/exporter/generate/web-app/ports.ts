import path from 'node:path';
import { parseSettings } from '../../../../contracts/settings.ts';
import { createFilesPort } from '../../../../exporter/adapters/files/files.ts';
import { createProcessPort } from '../../../../exporter/adapters/processes/processes.ts';
import type { FrontendFacts } from '../../../../exporter/steps/frontend/facts.ts';
import type { Ports } from '../../../../exporter/core/ports.ts';
import { frontendStep } from '../../../../exporter/steps/frontend/index.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import type { Manifest } from '../../../../contracts/manifest.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { buildCache } from '../service/gate-ports.ts';
import type { GeneratedWebApp } from '../../../../exporter/generate/web-app/generate-web-app.ts';

/** Real files and processes in `root`. Other ports are absent, so that using one throws. */
export function portsOf(root: string, signal = new AbortController().signal): Ports {
  const files = createFilesPort(root, path.join(root, '.platform'));
  const report = { log: () => undefined, progress: () => undefined, gate: () => undefined };
  return {
    root,
    report,
    signal,
    settings: parseSettings(buildCache),
    files,
    processes: createProcessPort(root, signal),
  } as unknown as Ports;
}

/** The part of the facts that the frontend step reads. */
export const factsOf = (manifest: Manifest, frontend: GeneratedWebApp): FrontendFacts =>
  ({ manifest, names: namesOf(manifest.id), runtime: 'local', frontend }) as unknown as FrontendFacts;

/** Runs the changes in order and returns their reports. */
export async function carryOut(changes: readonly Change[], ports: Ports): Promise<readonly string[]> {
  const ticks: string[] = [];
  for (const change of changes) {
    const operation = frontendStep.operations.find(({ kind }) => kind === change.kind)!;
    await operation.run(change, ports);
    ticks.push(operation.done(change));
  }
  return ticks;
}

export async function undoAll(changes: readonly Change[], ports: Ports): Promise<void> {
  for (const change of changes.toReversed())
    await frontendStep.operations.find(({ kind }) => kind === change.kind)!.undo(change, ports);
}
