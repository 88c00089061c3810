import type { Change } from '../../../../contracts/plan.ts';
import { engineMark } from '../../../core/engine-mark.ts';
import { orphanedFile } from '../../../core/orphans.ts';
import type { Operation } from '../../../core/step.ts';
import type { Wait } from '../../../core/wait-for-answer.ts';
import { warmUp } from '../../../core/warm-up.ts';
import { instancesOf } from '../../../generate/infrastructure/compose-entry.ts';
import { warmUpRequests } from '../../../generate/infrastructure/warm-up-requests.ts';

export type StartContainers = Change<
  'start-containers',
  {
    readonly toolId: string;
    /** The compose project; missing in journals of older versions. */
    readonly project?: string;
    /** Services of the compose file. */
    readonly containers: readonly string[];
    /** Services that only compose by hand runs; missing in journals of older versions. */
    readonly byHand?: readonly string[];
    /** Names of the secrets that the service and its migrations read. */
    readonly secrets: readonly string[];
    /** File of the variables that the tool declares, whose values no plan holds; none without variables. */
    readonly declared?: { readonly secret: string; readonly names: readonly string[] };
    /** Sent to each instance before it gets the route; missing in plans of earlier versions. */
    readonly warmUp?: readonly Wait[];
    /** Exists from the moment the engine is called. */
    readonly markFile: string;
  }
>;

const HEALTHY_TIMEOUT_MS = 60_000;

/** Starts the service and its web app as containers, from the present compose file. */
export const startContainers: Operation<StartContainers> = {
  kind: 'start-containers',
  undoPhase: 'service',
  plan(facts) {
    const { manifest, names, infrastructure, runtime } = facts;
    if (runtime === 'local') return [];
    const containers = [...instancesOf(facts).map((instance) => instance.name), names.web];
    return [
      {
        step: 'infrastructure',
        kind: 'start-containers',
        target: containers.join(', '),
        before: null,
        after: {
          toolId: manifest.id,
          project: infrastructure.composeProject,
          containers,
          byHand: [names.migrate],
          secrets: [names.secrets.runtime, names.secrets.migrator, names.secrets.admin],
          ...(manifest.env.length === 0
            ? {}
            : {
                declared: { secret: names.secrets.environment, names: manifest.env.map(({ name }) => name) },
              }),
          warmUp: warmUpRequests(facts),
          markFile: engineMark(facts.settings, manifest.id, 'containers'),
        },
      },
    ];
  },
  async run(change, ports) {
    const { toolId, containers, secrets, declared, markFile } = change.after;
    await ports.containers.ping();
    await ports.files.writeText(markFile, `${toolId}\n`);
    for (const secret of secrets) await ports.containers.handOver(ports.secrets.pathOf(secret));
    if (declared !== undefined)
      await ports.containers.handOverVariables(ports.secrets.pathOf(declared.secret), declared.names);
    await ports.exclusively(() => ports.containers.up(containers));
    for (const name of containers) await ports.containers.waitHealthy(name, HEALTHY_TIMEOUT_MS);
    await warmUp(change.after.warmUp ?? [], ports);
  },
  async undo(change, ports) {
    const { toolId, project, containers, byHand = [], declared, markFile } = change.after;
    if (!(await ports.files.exists(markFile))) return;
    await ports.containers.remove(project === undefined ? { toolId } : { toolId, project }, [
      ...containers,
      ...byHand,
    ]);
    if (declared !== undefined) await ports.secrets.remove(declared.secret);
    await ports.files.remove(markFile);
  },
  done: () => 'Service started',
  undone: () => 'Containers removed',
  wouldUndo: ({ after }) => `Stop and remove ${after.containers.join(', ')}`,
  would: (change) => `Would start ${change.after.containers.join(', ')}`,
  removeByHand: ({ after: { project, containers, byHand = [] } }) =>
    [...containers, ...byHand]
      .map((service) => {
        const labels = [`service=${service}`, ...(project === undefined ? [] : [`project=${project}`])];
        const filters = labels.map((label) => `--filter label=com.docker.compose.${label}`);
        return `docker ps -aq ${filters.join(' ')} | xargs -r docker rm --force --volumes`;
      })
      .join('; '),
  async findOrphans({ toolId, names }, ports) {
    const { settings } = ports;
    return [
      ...(await orphanedFile('run file', engineMark(settings, toolId, 'containers'), ports)),
      ...(await orphanedFile('secret', `${settings.stateDir}/secrets/${names.secrets.environment}`, ports)),
    ];
  },
};
