import path from 'node:path';
import type { Json } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import { createArchivePort, createDatabasePort, createLivePort } from '../../extraction/index.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';
import type { ContainersPort, GatewayPort } from '../core/infrastructure-ports.ts';
import { guardByLock } from '../core/lock-guard.ts';
import type { Ports, ReportPort } from '../core/ports.ts';
import { createContainersPort } from './docker/index.ts';
import { createRelays } from './docker/relay.ts';
import { buildCacheFolder } from '../core/build-cache.ts';
import { createFilesPort } from './files/files.ts';
import { createBuildsPort } from './files/kept-builds.ts';
import { readGitState } from './git/git.ts';
import { createHttpPort } from './http/http.ts';
import { createGatewayPort } from './nginx/gateway.ts';
import { findPlatform } from './platform/find-platform.ts';
import { createIsolationPort } from './isolation/isolation.ts';
import { createProcessPort } from './processes/processes.ts';
import { createRegistryPort } from './registry/registry.ts';
import { createSecretsPort } from './secrets/secrets.ts';

/** The job that the ports are opened for, and the connection that holds its lock. */
export interface PortsScope {
  readonly root: string;
  readonly settings: Settings;
  readonly session: {
    readonly client: Queryable;
    exclusively<T>(work: () => Promise<T>): Promise<T>;
  };
  /** Address of the platform's database, password included. */
  readonly databaseUrl: string;
  readonly jobId: string;
  /** For the registry's history. */
  readonly actor: string;
  readonly report: ReportPort;
  readonly memory: { keep(name: string, value: Json): Promise<void>; get(name: string): unknown };
}

const WRITES = {
  files: ['copy', 'writeText', 'remove', 'writeTree', 'removeTree'],
  processes: ['run', 'startDetached', 'endMatching'],
  secrets: ['ensure', 'remove'],
  containers: ['build', 'up', 'handOver', 'handOverVariables', 'remove', 'removeAll'],
  database: [
    'createRoles',
    'dropRoles',
    'createDatabase',
    'dropDatabase',
    'fenceTables',
    'unfenceTables',
    'fenceService',
    'unfenceService',
    'announceSwitch',
    'copyTables',
    'removeCopies',
    'syncBack',
  ],
  live: [
    'publish',
    'unpublish',
    'reserveSlot',
    'copyAtSlot',
    'subscribe',
    'trySubscription',
    'unsubscribe',
    'startTool',
    'openService',
    'pause',
    'withdrawSwitch',
    'switchOver',
  ],
  archive: ['write', 'remove', 'tryDrop', 'drop'],
} as const;

/**
 * Creates the adapters for one scope of cancellation: the export's own signal, or for an undo a signal that never
 * aborts. Adapters are chosen only here. Every write is guarded by the tool's lock.
 */
export function openPorts(scope: PortsScope, signal: AbortSignal): Ports & { close(): Promise<void> } {
  const { root, settings, session, report, jobId, actor, memory, databaseUrl } = scope;
  const state = path.resolve(root, settings.stateDir);
  const processes = guardByLock(session, createProcessPort(root, signal, jobId), WRITES.processes);
  const secrets = createSecretsPort(path.join(state, 'secrets'));
  // Opened on first use: both load the client of the Docker engine
  let gateway: GatewayPort | undefined;
  let containers: ContainersPort | undefined;
  const database = guardByLock(
    session,
    createDatabasePort({ sourceUrl: databaseUrl, secrets }),
    WRITES.database,
  );
  const relays = createRelays();
  const live = guardByLock(
    session,
    createLivePort({
      sourceUrl: databaseUrl,
      secrets,
      addressFor: (url, follower) =>
        follower.kind === 'own' ? relays.addressFor(url, follower.port) : Promise.resolve(url),
    }),
    WRITES.live,
  );
  return {
    settings,
    root,
    signal,
    report,
    files: guardByLock(session, createFilesPort(root, state), WRITES.files),
    ...buildsOf(scope, state),
    processes,
    isolation: isolationOf(scope, state, processes),
    secrets: guardByLock(session, secrets, WRITES.secrets),
    registry: createRegistryPort(session.client, actor),
    http: createHttpPort(signal),
    get gateway() {
      return (gateway ??= guardByLock(session, createGatewayPort({ root, settings }), ['reload']));
    },
    get containers() {
      return (containers ??= guardByLock(
        session,
        createContainersPort({ root, settings, signal, report }),
        WRITES.containers,
      ));
    },
    database,
    live,
    archive: guardByLock(session, createArchivePort(databaseUrl), WRITES.archive),
    git: { state: () => readGitState(root) },
    platform: { find: () => findPlatform(root, settings) },
    exclusively: (work) => session.exclusively(work),
    remember(name, value) {
      // Queued on the session ahead of the change's `done`, which reports a lost connection
      void memory.keep(name, value).catch(() => undefined);
    },
    recall: (name) => memory.get(name),
    async close() {
      relays.close();
      await database.close();
    },
  };
}

function isolationOf(
  { root, settings, session, jobId }: PortsScope,
  state: string,
  processes: Ports['processes'],
): Ports['isolation'] {
  const store = path.resolve(state, settings.buildCache ?? 'cache/builds', 'packages');
  const isolation = createIsolationPort({ root, jobId, store, scratch: path.join(state, 'tmp'), processes });
  return guardByLock(session, isolation, ['install', 'within', 'clear']);
}

function buildsOf({ root, settings, session }: PortsScope, state: string): Pick<Ports, 'builds'> {
  const kept = buildCacheFolder(root, settings);
  if (kept === null) return {};
  const builds = createBuildsPort({ root, kept, scratch: path.join(state, 'tmp') });
  return { builds: guardByLock(session, builds, ['once']) };
}
