import path from 'node:path';
import { keepWithJob } from './job-memory.ts';
import { fenced } from './fenced.ts';
import { createFilesPort } from '../adapters/files/files.ts';
import { createBuildsPort } from '../adapters/files/kept-builds.ts';
import { createHttpPort } from '../adapters/http/http.ts';
import { createContainersPort } from '../adapters/docker/index.ts';
import { createGatewayPort } from '../adapters/nginx/gateway.ts';
import { createDatabasePort } from '../../extraction/index.ts';
import { createProcessPort } from '../adapters/processes/processes.ts';
import { createRegistryPort } from '../adapters/registry/registry.ts';
import { createSecretsPort } from '../adapters/secrets/secrets.ts';
import type { Ports } from '../core/ports.ts';
import type { ContainersPort, GatewayPort } from '../core/infrastructure-ports.ts';
import { must, type Run } from './run.ts';
import { describeOwner } from './session.ts';

/**
 * Adapters for the outside world, chosen here and nowhere else, for one scope of cancellation: the export's own
 * signal, or one that nothing reaches for an undo.
 */
export function openPorts(run: Run, signal: AbortSignal): Ports & { close(): Promise<void> } {
  const { root, settings } = run;
  const session = must(run.session, 'the session');
  const state = path.resolve(root, settings.stateDir);
  const secrets = createSecretsPort(path.join(state, 'secrets'));
  const files = fenced(session, createFilesPort(root, path.join(state, 'tmp')), [
    'copy',
    'writeText',
    'remove',
    'writeTree',
    'removeTree',
  ]);
  const { user, host } = describeOwner();
  // Made when they are asked for: both load the client of the Docker engine
  let gateway: GatewayPort | undefined;
  let containers: ContainersPort | undefined;
  const database = fenced(
    session,
    createDatabasePort({ sourceUrl: must(run.databaseUrl, 'the database'), secrets }),
    DATABASE_WRITES,
  );
  return {
    settings,
    root,
    signal,
    report: run.report,
    files,
    ...buildsOf(run, state),
    processes: fenced(session, createProcessPort(root, signal, run.jobId), [
      'run',
      'startDetached',
      'endMatching',
    ]),
    secrets: fenced(session, secrets, ['ensure', 'remove']),
    registry: createRegistryPort(session.client, `${user}@${host}`),
    http: createHttpPort(signal),
    get gateway() {
      return (gateway ??= fenced(session, createGatewayPort({ root, settings }), ['reload']));
    },
    get containers() {
      return (containers ??= fenced(
        session,
        createContainersPort({ root, settings, signal, report: run.report }),
        ['build', 'up', 'handOver', 'remove', 'removeAll'],
      ));
    },
    database,
    exclusively: (work) => session.exclusively(work),
    remember(name, value) {
      // In its turn on the session, so before the change's own row says "done". A lost connection shows itself there
      void keepWithJob(run, name, value).catch(() => undefined);
    },
    async close() {
      await database.close();
    },
  };
}

const DATABASE_WRITES = [
  'createRoles', 'dropRoles', 'createDatabase', 'dropDatabase', 'fenceTables', 'unfenceTables', 'fenceService',
  'unfenceService', 'copyTables', 'removeCopies', 'syncBack',
] as const; // prettier-ignore

function buildsOf(run: Run, state: string): Pick<Ports, 'builds'> {
  const { root, settings } = run;
  if (settings.buildCache === null) return {};
  const kept = path.resolve(state, settings.buildCache ?? 'cache/builds');
  const builds = createBuildsPort({ root, kept, scratch: path.join(state, 'tmp') });
  return { builds: fenced(must(run.session, 'the session'), builds, ['once']) };
}
