import path from 'node:path';
import { parseSettings } from '../../../../contracts/settings.ts';
import { createFilesPort } from '../../../../exporter/adapters/files/files.ts';
import { createProcessPort } from '../../../../exporter/adapters/processes/processes.ts';
import type { Ports } from '../../../../exporter/core/ports.ts';
import { createDatabasePort } from '../../../../extraction/index.ts';
import { isolationOf, withEnvironment } from './exported-service.ts';

/** A suite transforms Angular's packages once. */
export const buildCache =
  process.env['PLATFORM_BUILD_CACHE'] === undefined
    ? {}
    : { PLATFORM_BUILD_CACHE: process.env['PLATFORM_BUILD_CACHE'] };

/** Ports for the steps that generate code, over the temporary repository `root`. */
export function gatePorts(
  root: string,
  databaseUrl: string,
): { ports: Ports; log: string[]; gates: string[] } {
  const log: string[] = [];
  const gates: string[] = [];
  const { signal } = new AbortController();
  const processes = withEnvironment(createProcessPort(root, signal), { DATABASE_URL: databaseUrl });
  const ports = {
    root,
    signal,
    settings: parseSettings(buildCache),
    files: createFilesPort(root, path.join(root, '.platform')),
    processes,
    isolation: isolationOf(root, processes),
    remember: () => undefined,
    database: createDatabasePort({ sourceUrl: databaseUrl, secrets: {} as Ports['secrets'] }),
    report: {
      log: (_level, message) => log.push(message),
      progress: () => undefined,
      gate: ({ gate, outcome, detail = '' }) => gates.push(`${gate} ${outcome} ${detail}`),
    },
  } as Partial<Ports> as Ports;
  return { ports, log, gates };
}
