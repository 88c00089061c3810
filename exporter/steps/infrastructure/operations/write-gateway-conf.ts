import { createTwoFilesPatch } from 'diff';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { keepEdited } from '../../../core/keep-edits.ts';
import { orphanedFile } from '../../../core/orphans.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';
import { gatewayFilesOf } from '../../../generate/infrastructure/gateway-conf.ts';
import { nginxGateOf, whyUntested } from '../nginx-gate.ts';
import type { GatewayFiles } from '../../../core/infrastructure-ports.ts';

/** Before and after, by path. The same paths on both sides. */
export type WriteGatewayConf = Change<'write-gateway-conf', { readonly files: GatewayFiles }>;

/** Adds the tool's routes to the gateway. A file that nginx rejects never reaches the folders that nginx reads. */
export const writeGatewayConf: Operation<WriteGatewayConf> = {
  kind: 'write-gateway-conf',
  undoPhase: 'configuration',
  plan(facts) {
    const { names, infrastructure } = facts;
    const before = {
      [names.gatewayFile]: infrastructure.gatewayText,
      [names.upstreamFile]: infrastructure.upstreamText,
    };
    return [
      {
        step: 'infrastructure',
        kind: 'write-gateway-conf',
        target: names.gatewayFile,
        before: { files: before },
        after: { files: gatewayFilesOf(facts) },
      },
    ];
  },
  async run(change, ports) {
    const { before, after } = change;
    await ports.exclusively(async () => {
      for (const [file, text] of Object.entries(after.files)) {
        const now = await ports.files.readText(file);
        if (now !== text && now !== (before?.files[file] ?? null))
          throw new PlatformError(
            'plan-stale',
            `${file} has changed since the plan was made. Run the export again.`,
          );
      }
      const verdict = await ports.gateway.validate(after.files);
      ports.report.gate(nginxGateOf(verdict));
      if (verdict.problem !== null)
        throw new PlatformError('step-failed', `nginx rejects the route: ${verdict.problem}`);
      if (verdict.testedBy === null)
        ports.report.log(
          'warning',
          `nginx -t was not run: ${whyUntested(verdict)}; nginx-conf checked the syntax`,
        );
      await put(after.files, ports);
    });
  },
  async undo(change, ports) {
    const { before, after } = change;
    const files = Object.fromEntries(
      Object.keys(after.files).map((file) => [file, before?.files[file] ?? null]),
    );
    await ports.exclusively(async () => {
      for (const [file, text] of Object.entries(after.files))
        await keepEdited(file, (now) => now === text || now === files[file], ports);
      await put(files, ports);
    });
  },
  done: () => 'Nginx API Gateway configured',
  undone: () => 'Nginx configuration restored',
  wouldUndo: ({ target }) => `Restore the gateway's configuration ${target}`,
  would: () => 'Nginx config syntax valid',
  details: (change) =>
    Object.entries(change.after.files).map(([file, text]) =>
      createTwoFilesPatch(
        `a/${file}`,
        `b/${file}`,
        change.before?.files[file] ?? '',
        text ?? '',
        undefined,
        undefined,
        { context: 3 },
      ),
    ),
  removeByHand: (change) => `rm -f ${Object.keys(change.after.files).join(' ')}`,
  async findOrphans({ names }, ports) {
    const files = [names.gatewayFile, names.upstreamFile];
    const found = await Promise.all(files.map((file) => orphanedFile('gateway route', file, ports)));
    return found.flat().map((orphan) => ({
      ...orphan,
      async remove() {
        await orphan.remove?.();
        await ports.gateway.reload();
      },
    }));
  },
};

/** The route is written last and deleted first, as it needs its upstream. */
async function put(files: GatewayFiles, ports: Ports): Promise<void> {
  const byDepth = Object.entries(files).sort(([a], [b]) => b.localeCompare(a));
  for (const [file, text] of byDepth) if (text !== null) await ports.files.writeText(file, text);
  for (const [file, text] of byDepth.reverse()) if (text === null) await ports.files.remove(file);
  await ports.gateway.reload();
}
