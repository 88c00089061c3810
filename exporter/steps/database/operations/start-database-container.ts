import type { Change } from '../../../../contracts/plan.ts';
import { engineMark } from '../../../core/engine-mark.ts';
import { orphanedFile } from '../../../core/orphans.ts';
import type { Operation } from '../../../core/step.ts';
import { composeEntryOf } from '../../../generate/infrastructure/compose-entry.ts';
import {
  withdrawEntry,
  writeEntry,
  type PlannedEntry,
} from '../../../generate/infrastructure/compose-file.ts';
import { addComposeEntry } from '../../../generate/infrastructure/compose-text.ts';

export type StartDatabaseContainer = Change<
  'start-database-container',
  {
    readonly toolId: string;
    /** The compose project. */
    readonly project: string;
    readonly container: string;
    readonly port: number;
    /** Name of the superuser's password. */
    readonly secret: string;
    /** Its entry in the compose file, which is written before compose starts anything; missing in older journals. */
    readonly planned?: PlannedEntry;
    /** Exists from the moment the engine is called: an undo in another process then knows that it was. */
    readonly markFile: string;
  }
>;

const KIND_NAMES = {
  containers: 'container',
  builds: 'build container',
  volumes: 'volume',
  networks: 'network',
  images: 'image',
} as const;

const HEALTHY_TIMEOUT_MS = 120_000;

/**
 * The service's own PostgreSQL server as a container, before there is anything to copy into it. Its undo removes
 * everything in Docker that carries the labels of tool and project, and verifies the removal.
 */
export const startDatabaseContainer: Operation<StartDatabaseContainer> = {
  kind: 'start-database-container',
  undoPhase: 'database',
  plan(facts) {
    const { manifest, names, infrastructure, runtime } = facts;
    const before = infrastructure.composeText;
    if (runtime === 'local' || before === null) return [];
    const { id: toolId } = manifest;
    const entry = composeEntryOf(facts);
    return [
      {
        step: 'database',
        kind: 'start-database-container',
        target: names.db,
        before: null,
        after: {
          toolId,
          project: infrastructure.composeProject,
          container: names.db,
          port: infrastructure.databasePort,
          secret: names.secrets.admin,
          planned: { toolId, before, text: addComposeEntry(before, toolId, entry), entry },
          markFile: engineMark(facts.settings, manifest.id, 'database'),
        },
      },
    ];
  },
  async run({ after }, ports) {
    const { container, secret, planned, markFile } = after;
    await ports.containers.ping();
    await ports.files.writeText(markFile, `${container}\n`);
    await ports.secrets.ensure(secret);
    // Labels of the container name the file, so that compose by hand finds what it describes
    if (planned !== undefined) await writeEntry(planned, ports);
    await ports.exclusively(() => ports.containers.up([container]));
    await ports.containers.waitHealthy(container, HEALTHY_TIMEOUT_MS);
  },
  async undo({ after }, ports) {
    const { toolId, project, secret, planned, markFile } = after;
    if (planned !== undefined) await withdrawEntry(planned, ports);
    // Without the mark nothing was created, and an unreachable engine need not prove it
    if (await ports.files.exists(markFile)) {
      await ports.containers.removeAll({ toolId, project }, [
        ...(['containers', 'builds', 'volumes', 'networks', 'images'] as const),
      ]);
      await ports.files.remove(markFile);
    }
    await ports.secrets.remove(secret);
  },
  done: ({ target, after }) => `Container '${target}' healthy on port ${after.port}`,
  undone: ({ target }) => `Container '${target}' and its volume removed`,
  wouldUndo: ({ target }) => `Remove container ${target} and its volume`,
  would: ({ target, after }) => `Would start container ${target} on port ${after.port}`,
  removeByHand: ({ after }) =>
    `docker ps -aq --filter label=generator-platform.tool=${after.toolId} --filter label=com.docker.compose.project=${after.project} | xargs -r docker rm --force --volumes`,
  /** Everything in Docker that carries the labels of tool and project. */
  async findOrphans({ toolId }, ports) {
    const labelled = await ports.containers.labelled(toolId);
    const mark = await orphanedFile('run file', engineMark(ports.settings, toolId, 'database'), ports);
    return [
      ...labelled.map(({ kind, name, command }) => ({
        name: `${KIND_NAMES[kind]} ${name}`,
        command,
        remove: () => ports.containers.removeAll({ toolId }, [kind]),
      })),
      ...mark,
    ];
  },
};
