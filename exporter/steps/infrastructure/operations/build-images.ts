import type { Change } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
import type { Operation } from '../../../core/step.ts';

export type BuildImages = Change<
  'build-images',
  {
    readonly toolId: string;
    /** The compose project. */
    readonly project: string;
    readonly images: readonly {
      readonly tag: string;
      /** Relative to the repository. */
      readonly folder: string;
      readonly args: Readonly<Record<string, string>>;
    }[];
    /** Exists as soon as the engine was asked for anything. */
    readonly markFile: string;
  }
>;

/** Images of the service and its web app, out of the Dockerfiles that the export has generated. */
export const buildImages: Operation<BuildImages> = {
  kind: 'build-images',
  undoPhase: 'service',
  async run(change, ports) {
    if (change.after === null) return;
    const { images, toolId, markFile } = change.after;
    await ports.containers.ping();
    await ports.files.writeText(markFile, `${toolId}\n`);
    await asGate('image-build', ports, async () => {
      for (const [i, image] of images.entries()) {
        ports.report.progress({ target: image.tag, done: i, total: images.length, unit: 'changes' });
        await ports.containers.build({ ...image, toolId });
      }
    });
  },
  async undo(change, ports) {
    if (change.after === null) return;
    const { toolId, markFile } = change.after;
    if (!(await ports.files.exists(markFile))) return;
    await ports.containers.removeAll(toolId, ['images']);
    await ports.files.remove(markFile);
  },
  done: (change) => `Images built: ${tagsOf(change)}`,
  undone: () => 'Images removed',
  would: (change) => `Would build ${tagsOf(change)}`,
  debris: (change) =>
    `docker images -aq --filter label=generator-platform.tool=${change.after?.toolId ?? ''} --filter label=generator-platform.project=${change.after?.project ?? ''} | xargs -r docker rmi --force`,
};

const tagsOf = (change: BuildImages): string => change.after?.images.map((i) => i.tag).join(', ') ?? '';
