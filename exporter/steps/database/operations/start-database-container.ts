import type { Change } from '../../../../contracts/plan.ts';
import type { Operation } from '../../../core/step.ts';
import { checkCompose } from '../../../core/check-compose.ts';

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
    /** The compose file as it will be. */
    readonly composeText: string;
    /** Tells an undo in another process whether the engine was ever asked for anything. */
    readonly markFile: string;
  }
>;

const HEALTHY_TIMEOUT_MS = 120_000;

/**
 * The service's own PostgreSQL server as a container, before there is anything to copy into it. Its undo removes
 * everything in Docker that carries the labels of tool and project, and proves it.
 */
export const startDatabaseContainer: Operation<StartDatabaseContainer> = {
  kind: 'start-database-container',
  undoPhase: 'database',
  async run(change, ports) {
    if (change.after === null) return;
    const { container, secret, composeText, markFile } = change.after;
    await ports.containers.ping();
    await ports.files.writeText(markFile, `${container}\n`);
    await ports.secrets.ensure(secret);
    await checkCompose(composeText, ports);
    await ports.containers.up(composeText, [container]);
    await ports.containers.waitHealthy(container, HEALTHY_TIMEOUT_MS);
  },
  async undo(change, ports) {
    if (change.after === null) return;
    const { toolId, secret, markFile } = change.after;
    // Without the mark nothing was made, and an engine that is away need not prove it
    if (await ports.files.exists(markFile)) {
      await ports.containers.removeAll(toolId, ['containers', 'volumes', 'networks', 'images']);
      await ports.files.remove(markFile);
    }
    await ports.secrets.remove(secret);
  },
  done: (change) => `Container '${change.target}' healthy on port ${change.after?.port ?? 0}`,
  undone: (change) => `Container '${change.target}' and its volume removed`,
  would: (change) => `Would start container ${change.target} on port ${change.after?.port ?? 0}`,
  debris: (change) =>
    `docker ps -aq --filter label=generator-platform.tool=${change.after?.toolId ?? ''} --filter label=com.docker.compose.project=${change.after?.project ?? ''} | xargs -r docker rm --force --volumes`,
};
