import type { Change } from '../../../../contracts/plan.ts';
import type { Operation } from '../../../core/step.ts';
import { COMPOSE_FILE } from './update-compose.ts';

export type StartContainers = Change<
  'start-containers',
  {
    readonly toolId: string;
    readonly containers: readonly string[];
    /** Names of the secrets that the service reads. */
    readonly secrets: readonly string[];
    /** What the compose file reads from its environment beside the settings of this machine. */
    readonly variables?: Readonly<Record<string, string>>;
    /** Exists as soon as the engine was asked for anything. */
    readonly markFile: string;
  }
>;

const HEALTHY_TIMEOUT_MS = 60_000;

/** The service and its web app as containers, out of the compose file as it now stands. */
export const startContainers: Operation<StartContainers> = {
  kind: 'start-containers',
  undoPhase: 'service',
  async run(change, ports) {
    if (change.after === null) return;
    const { toolId, containers, secrets, variables, markFile } = change.after;
    await ports.containers.ping();
    await ports.files.writeText(markFile, `${toolId}\n`);
    for (const secret of secrets) await ports.containers.handOver(ports.secrets.pathOf(secret));
    await ports.containers.up((await ports.files.readText(COMPOSE_FILE)) ?? '', containers, variables);
    for (const name of containers) await ports.containers.waitHealthy(name, HEALTHY_TIMEOUT_MS);
  },
  async undo(change, ports) {
    if (change.after === null) return;
    const { toolId, containers, markFile } = change.after;
    if (!(await ports.files.exists(markFile))) return;
    await ports.containers.remove(toolId, containers);
    await ports.files.remove(markFile);
  },
  done: () => 'Service started',
  undone: () => 'Containers removed',
  would: (change) => `Would start ${change.after?.containers.join(', ') ?? ''}`,
  debris: (change) => `docker rm --force --volumes ${change.after?.containers.join(' ') ?? ''}`,
};
