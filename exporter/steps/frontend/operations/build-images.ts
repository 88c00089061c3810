import type { Change } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
import { engineMark } from '../../../core/engine-mark.ts';
import { orphanedFile } from '../../../core/orphans.ts';
import type { Operation } from '../../../core/step.ts';
import { imagesOf } from '../../../generate/infrastructure/compose-entry.ts';

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
      /** The base of its last stage; `digest` is `''` when it is not known. */
      readonly base: { readonly name: string; readonly digest: string };
    }[];
    /** Exists from the moment the engine is called. */
    readonly markFile: string;
  }
>;

/** Images of the service and its web app, built from the generated Dockerfiles before any write has to wait. */
export const buildImages: Operation<BuildImages> = {
  kind: 'build-images',
  undoPhase: 'service',
  plan(facts) {
    if (facts.runtime === 'local') return [];
    const { manifest, names, settings, infrastructure } = facts;
    const tags = imagesOf(facts);
    const { node, nginx } = settings.images;
    const baseOf = (name: string): { name: string; digest: string } => ({
      name,
      digest: infrastructure.containers?.digests[name] ?? '',
    });
    const args = { NODE_IMAGE: node };
    return [
      {
        step: 'frontend',
        kind: 'build-images',
        target: `${names.api}, ${names.web}`,
        before: null,
        after: {
          toolId: manifest.id,
          project: infrastructure.composeProject,
          images: [
            { tag: tags.api, folder: names.apiFolder, args, base: baseOf(node) },
            {
              tag: tags.web,
              folder: names.webFolder,
              args: { ...args, NGINX_IMAGE: nginx },
              base: baseOf(nginx),
            },
          ],
          markFile: engineMark(facts.settings, manifest.id, 'images'),
        },
      },
    ];
  },
  async run(change, ports) {
    const { images, toolId, markFile } = change.after;
    await ports.containers.ping();
    await ports.files.writeText(markFile, `${toolId}\n`);
    await asGate('image-build', ports, async () => {
      for (const [i, image] of images.entries()) {
        ports.report.progress({ target: image.tag, done: i, total: images.length, unit: 'changes' });
        await ports.containers.build({ ...image, toolId });
      }
    });
    ports.remember('baseImages', Object.fromEntries(images.map(({ tag, base }) => [tag, base])));
  },
  async undo(change, ports) {
    const { toolId, project, markFile } = change.after;
    if (!(await ports.files.exists(markFile))) return;
    await ports.containers.removeAll({ toolId, project }, ['builds', 'images']);
    await ports.files.remove(markFile);
  },
  done: (change) => `Images built: ${tagsOf(change)}`,
  undone: () => 'Images removed',
  wouldUndo: (change) => `Remove images ${tagsOf(change)}`,
  would: (change) => `Would build ${tagsOf(change)}`,
  removeByHand: (change) =>
    `docker images -aq --filter label=generator-platform.tool=${change.after.toolId} --filter label=generator-platform.project=${change.after.project} | xargs -r docker rmi --force`,
  findOrphans: ({ toolId }, ports) =>
    orphanedFile('run file', engineMark(ports.settings, toolId, 'images'), ports),
};

const tagsOf = (change: BuildImages): string => change.after.images.map((i) => i.tag).join(', ');
