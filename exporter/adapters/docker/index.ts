import { chmod, chown, readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import type { Settings } from '../../../contracts/settings.ts';
import type { ReportPort } from '../../core/ports.ts';
import type { ContainersPort } from '../../core/infrastructure-ports.ts';
import { onlyServices } from '../compose/only-services.ts';
import { readCompose } from '../compose/read-compose.ts';
import { runCompose, startServices } from '../compose/run-compose.ts';
import { buildImage } from './build-image.ts';
import { readContainerState, waitUntilHealthy } from './container-state.ts';
import { createEngine, engineVersion, pingEngine, whileEngineRuns } from './engine.ts';
import { removeUnasked, resourcesOf } from './remove-unasked.ts';
import { occupiedNames } from './occupied-names.ts';
import { projectNameOf, removeIdleNetworks } from './project.ts';
import { serviceUser } from './service-user.ts';
import { listLabelled, removeLabelled, removeUnnamedImages } from './remove-all.ts';

export interface ContainersPlace {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly settings: Settings;
  readonly signal?: AbortSignal;
  readonly report?: Pick<ReportPort, 'progress'>;
}

/** A secret is bind-mounted with its owner and mode. */
async function handOver(file: string): Promise<void> {
  const { uid, gid } = serviceUser();
  if (process.getuid?.() === 0) await chown(file, uid, gid);
  await chmod(file, 0o600);
}

export function createContainersPort(place: ContainersPlace): ContainersPort {
  const { root, settings, report } = place;
  const signal = place.signal ?? new AbortController().signal;
  const engine = createEngine();
  const project = projectNameOf(root);
  const onEngine = <T>(work: () => Promise<T>): Promise<T> => whileEngineRuns(engine, work);
  return {
    ping: () => pingEngine(engine),
    build: ({ tag, folder, toolId, args, base }) =>
      onEngine(async () => {
        await buildImage(engine, {
          tag,
          folder: path.resolve(root, folder),
          toolId,
          project,
          args,
          base,
          scratch: path.resolve(root, settings.stateDir, 'tmp'),
          signal,
          onLine(line) {
            const step = /^Step (\d+)\/(\d+)/.exec(line);
            if (step !== null)
              report?.progress({
                target: tag,
                done: Number(step[1]),
                total: Number(step[2]),
                unit: 'changes',
              });
          },
        });
        await removeUnnamedImages(engine, { toolId, project });
      }),
    async check(text) {
      await runCompose({ root, text, args: ['config', '--quiet'], signal });
    },
    async up(services) {
      await pingEngine(engine);
      await onEngine(async () => {
        const before = await resourcesOf(engine, project);
        const text = await readFile(path.join(root, COMPOSE_FILE), 'utf8');
        try {
          await startServices({ root, text, services, signal });
        } finally {
          const needed = readCompose(onlyServices(text, services));
          await removeUnasked(engine, { project, before, needed });
        }
      });
    },
    occupied: (wanted) => occupiedNames(engine, wanted),
    labelled: async (toolId) =>
      (await engineVersion(engine)) === null ? [] : listLabelled(engine, { toolId, project }),
    state: (service) => onEngine(() => readContainerState(engine, { project, service })),
    waitHealthy: (service, timeoutMs) =>
      onEngine(() => waitUntilHealthy(engine, { project, service, timeoutMs, signal })),
    handOver,
    async handOverVariables(file, names) {
      const values = Object.fromEntries(names.map((name) => [name, process.env[name]]));
      await writeFileAtomic(file, `${JSON.stringify(values)}\n`, { mode: 0o600 });
      await handOver(file);
    },
    async remove(owner, services) {
      await pingEngine(engine);
      await onEngine(() => removeLabelled(engine, { project, ...owner, kinds: ['containers'], services }));
    },
    async removeAll(owner, kinds) {
      await pingEngine(engine);
      const whose = { project, ...owner };
      await onEngine(async () => {
        await removeLabelled(engine, { ...whose, kinds });
        if (kinds.includes('networks')) await removeIdleNetworks(engine, whose.project);
      });
    },
  };
}
